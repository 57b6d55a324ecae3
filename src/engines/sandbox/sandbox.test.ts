/**
 * What an engine's process can do, tried from inside it, in every way of keeping it apart that this machine
 * has. The table says what each way promises; SECURITY.md says it to people.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { childrenNamed } from '../../../tests/processes.ts'
import { bubblewrapArguments } from './bubblewrap.ts'
import { channelTo } from './channel.ts'
import { type Isolation, worksHere } from './isolation.ts'
import type { Attempt, Outcome, Seen } from './probe-fixture.ts'
import { type EngineProcess, pipeOf, startEngineProcess } from './process.ts'
import { seccompFilter } from './seccomp.ts'

const parentPath = fileURLToPath(new URL('./parent-fixture.ts', import.meta.url))
const path = fileURLToPath(new URL('./probe-fixture.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'bastide-sandbox-'))
const models = join(folder, 'models')
const model = join(models, 'model')
const masterKey = join(folder, 'master.key')
const document = join(folder, 'blobs-of-another-workspace')
const gigabyte = 2 ** 30
mkdirSync(models)
for (const file of [model, masterKey, document]) writeFileSync(file, 'x')
process.env.BASTIDE_SECRET_OF_TEST = 'secret'

const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1')
const receiver = createSocket('udp4').bind(0, '127.0.0.1')
let received = 0
receiver.on('message', () => received++)
before(() => Promise.all([once(server, 'listening'), once(receiver, 'listening')]))
after(() => {
  server.close()
  receiver.close()
  rmSync(folder, { recursive: true })
})

function start(way: Isolation, more: Partial<EngineProcess> = {}): ChildProcess {
  const options: EngineProcess = {
    path,
    readable: [models],
    memoryBytes: gigabyte,
    onMemoryExceeded: () => {},
    stderr: 'ignore',
    ...more,
  }
  return startEngineProcess(options, way)
}

/** What became of the attempts, one after the other in one process. */
async function outcomes(child: ChildProcess, attempts: Attempt[]): Promise<Outcome[]> {
  const results: Outcome[] = []
  let answered = (_outcome: Outcome) => {}
  const channel = channelTo<Outcome, Attempt>(pipeOf(child), {
    message: (outcome) => answered(outcome),
    broken: (error) => answered({ error: error.message }),
  })
  const gone = once(child, 'exit').then((): Outcome => ({ error: 'ended' }))
  for (const attempt of attempts) {
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    answered = resolve
    channel.send(attempt)
    results.push(await Promise.race([promise, gone]))
  }
  child.kill('SIGKILL')
  return results
}

const network = (): Attempt[] => {
  const host = '127.0.0.1'
  const tcp = (server.address() as { port: number }).port
  return [
    { do: 'tcp', host, port: tcp },
    { do: 'udp', host, port: receiver.address().port },
    { do: 'tcp', host: '192.0.2.1', port: 9 },
  ]
}
const files: Attempt[] = [
  { do: 'read', path: masterKey },
  { do: 'read', path: document },
  { do: 'read', path: '/etc/shadow' },
  { do: 'write', path: join(folder, 'new') },
  { do: 'write', path: join(models, 'new') },
  { do: 'write', path: model },
  { do: 'write', path: '/tmp/bastide-sandbox-new' },
]
const programs: Attempt[] = [
  { do: 'run', path: '/bin/sh' },
  { do: 'run', path: process.execPath },
]

const lineOf = (text: string, name: string) =>
  text
    .split('\n')
    .find((line) => line.startsWith(name))
    ?.slice(name.length)
    .trim()
    .split(/\s+/)

for (const way of ['bubblewrap', 'unshare', 'none'] as const) {
  const skip = worksHere(way) ? false : `this machine does not allow it`
  describe(`an engine's process: ${way}`, { skip }, () => {
    test('holds no secret, dumps no core, writes no file, opens few', async () => {
      const [{ seen } = {}] = await outcomes(start(way, { mayFork: true }), [{ do: 'look' }])
      const { environment, limits, status, processes } = seen as Seen
      assert.deepEqual(
        Object.keys(environment).filter((name) => name !== 'PWD'),
        [],
      )
      assert.deepEqual(lineOf(limits, 'Max core file size')!.slice(0, 2), ['0', '0'])
      assert.deepEqual(lineOf(limits, 'Max file size')!.slice(0, 2), ['0', '0'])
      assert.deepEqual(lineOf(limits, 'Max open files')!.slice(0, 2), ['512', '512'])
      assert.ok(Number(lineOf(limits, 'Max data size')![1]) <= 5 * gigabyte)
      if (way === 'none') return
      assert.deepEqual(lineOf(status, 'NoNewPrivs:'), ['1'])
      assert.match(lineOf(status, 'CapEff:')![0]!, /^0+$/)
      if (way === 'bubblewrap') assert.ok(processes <= 3, `it sees ${processes} processes`)
      if (way === 'bubblewrap') assert.deepEqual(lineOf(status, 'Seccomp:'), ['2'])
    })

    test('reads what it was given and the program, and no other file; starts nothing', async () => {
      const child = start(way)
      const all: Attempt[] = [{ do: 'read', path: model }, ...files, ...programs]
      const [given, ...rest] = await outcomes(child, all)
      assert.equal(given!.error, null)
      for (const [index, { error }] of rest.entries()) {
        assert.ok(error && error !== 'ended', `${JSON.stringify(all[index + 1])}: ${error}`)
      }
    })

    test('reaches no network', { skip: way === 'none' && 'not promised' }, async () => {
      for (const { error } of await outcomes(start(way), network())) assert.ok(error)
      await new Promise((resolve) => setTimeout(resolve, 50))
      assert.equal(received, 0)
    })

    test('ends when it allocates without end, before it has taken much', async () => {
      const exceeded = Promise.withResolvers<string>()
      const child = start(way, { onMemoryExceeded: () => exceeded.resolve('told') })
      const tried = outcomes(child, [{ do: 'allocate' }]).then(([outcome]) => outcome!.error)
      const how = await Promise.race([tried, exceeded.promise])
      child.kill('SIGKILL')
      // Told by the watch, or, as fast as this grows, stopped by the kernel's limit.
      assert.ok(how)
    })

    test('what it starts, from whichever of its threads, counts as its own', {
      skip: process.platform !== 'linux' && 'other systems tell of one process',
    }, async () => {
      const exceeded = Promise.withResolvers<void>()
      const onMemoryExceeded = () => exceeded.resolve()
      const child = start(way, { mayFork: true, memoryBytes: gigabyte / 4, onMemoryExceeded })
      void outcomes(child, [{ do: 'allocate-below' }])
      await exceeded.promise
      child.kill('SIGKILL')
    })

    test('is ended by its parent while it spins', async () => {
      const child = start(way)
      void outcomes(child, [{ do: 'spin' }])
      await new Promise((resolve) => setTimeout(resolve, 300))
      child.kill('SIGKILL')
      const [, signal] = await once(child, 'exit')
      assert.equal(signal, 'SIGKILL')
    })
  })
}

test('a process of an engine has no file that its server was only started with', {
  skip: process.platform !== 'linux' && 'other systems do not tell',
}, async () => {
  // Behind a gap, as a shell or a supervisor leaves them.
  const inherited = openSync('/', 'r')
  const stdio = Array(40).fill('ignore').toSpliced(1, 1, 'pipe').concat(inherited)
  const server = spawn(process.execPath, [parentPath, path, models], { stdio })
  closeSync(inherited)
  await once(server.stdout!, 'data')
  await new Promise((resolve) => setTimeout(resolve, 500))
  const [engine] = childrenNamed(server.pid!, 'probe-fixture')
  const open = readdirSync(`/proc/${engine}/fd`).map((fd) =>
    readlinkSync(`/proc/${engine}/fd/${fd}`),
  )
  server.kill('SIGKILL')
  assert.deepEqual(
    open.filter((target) => target === '/'),
    [],
  )
})

describe('the kernel holds native code, which knows nothing of Node’s permissions', {
  skip: worksHere('bubblewrap') ? false : 'bubblewrap does not work here',
}, () => {
  test('files and the network', async () => {
    const child = start('bubblewrap', { mayFork: true })
    for (const { error } of await outcomes(child, [...files, ...network()])) {
      assert.match(error ?? 'worked', /^(ENOENT|EROFS|EPERM|EACCES)$/)
    }
  })

  test('new processes and namespaces', () => {
    const inside = (script: string, mayFork: boolean) =>
      spawnSync(
        'bwrap',
        [
          ...bubblewrapArguments({ readable: ['/usr/bin'], gpu: false, filtered: true }),
          ...[process.execPath, '-p', `require('child_process').${script}`],
        ],
        { input: seccompFilter({ mayFork })!, encoding: 'utf8' },
      ).stdout.trim()
    const run = `spawnSync('/usr/bin/true')`
    assert.equal(inside(`${run}.status`, true), '0')
    assert.equal(inside(`${run}.error.code`, false), 'EPERM')
    const flight = `spawnSync('/usr/bin/unshare', ['--user', '/usr/bin/true'], { encoding: 'utf8' })`
    assert.match(inside(`${flight}.stderr`, true), /Operation not permitted/)
    const sharing = `spawnSync('/usr/bin/ipcmk', ['--shmem', '4096'], { encoding: 'utf8' })`
    assert.match(inside(`${sharing}.stderr`, true), /Operation not permitted/, 'it counts nowhere')
  })
})
