/**
 * Fuzzes each intake of bytes for a while. What breaks one is kept in `corpus/`, to be committed with the
 * mending, and printed with the command that shows it again.
 *
 *   node tests/fuzz/nightly.ts [--minutes 10] [--target gguf] [--seed 1] [--replay <name in corpus>]
 */
import { parseArgs } from 'node:util'
import { chooseSeed } from '../random.ts'
import { corpusOf } from './corpus.ts'
import { type FuzzOptions, fuzz } from './driver.ts'
import { type TargetName, targetNames } from './target.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    target: { type: 'string' },
    seed: { type: 'string' },
    replay: { type: 'string' },
  },
})
const names = targetNames.filter((name) => !values.target || name === values.target)
if (names.length === 0) throw new Error(`the targets are ${targetNames.join(', ')}`)
const seed = Number(values.seed ?? chooseSeed())

function optionsOf(name: TargetName): FuzzOptions {
  const milliseconds = Number(values.minutes) * 60_000
  if (values.replay === undefined) return { name, seed, milliseconds }
  const entry = corpusOf(name).find((one) => one.name.startsWith(values.replay!))
  if (!entry) throw new Error(`corpus/${name} has no ${values.replay}`)
  return { name, seed, milliseconds, replay: [entry.bytes] }
}

for (const name of names) {
  const { executions, perSecond, outcomes, broken } = await fuzz(optionsOf(name))
  const kinds = Object.keys(outcomes).length
  process.stdout.write(
    `${name}: ${executions} inputs, ${perSecond} a second, ${kinds} outcomes, seed ${seed}\n`,
  )
  for (const { reason, replay } of broken)
    process.stdout.write(`  BROKEN: ${reason}\n  ${replay}\n`)
  if (broken.length > 0) process.exitCode = 1
  if (values.replay !== undefined) process.stdout.write(`${JSON.stringify(outcomes)}\n`)
}
