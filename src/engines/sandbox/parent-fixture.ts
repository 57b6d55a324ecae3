/** Starts an engine's process, says its id, and waits to be killed. */
import { startEngineProcess } from './process.ts'

const [path = '', ...readable] = process.argv.slice(2)
const child = startEngineProcess({
  path,
  readable,
  memoryBytes: 2 ** 30,
  onMemoryExceeded: () => {},
  stderr: 'ignore',
})
process.stdout.write(`${child.pid}\n`)
setInterval(() => {}, 1000)
