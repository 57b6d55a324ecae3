/** Whatever is done to an exported chain without the signing key, the verifier finds it. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { disguises, exportOf, type Line, publicText, tamperings } from './export-fixture.ts'
import { type Verification, verifyExport } from './verify.ts'

function verify(lines: Line[]): Promise<Verification> {
  async function* text() {
    for (const line of lines) yield JSON.stringify(line)
  }
  return verifyExport(text(), publicText)
}

const details = fc.dictionary(fc.string({ maxLength: 6 }), fc.oneof(fc.integer(), fc.string()))
const bodies = fc
  .array(details, { minLength: 3, maxLength: 25 })
  .map((all) => all.map((one, index) => ({ v: 1, kind: 'call', number: index, details: one })))

test('an untouched chain is intact, whatever its records say', async () => {
  await fc.assert(
    fc.asyncProperty(bodies, fc.integer({ min: 1, max: 9 }), async (records, every) => {
      const result = await verify(exportOf(records, every))
      assert.equal(result.intact, true, result.problem?.message)
      assert.equal(result.records, records.length)
    }),
  )
})

for (const [name, tamper] of Object.entries(tamperings)) {
  test(`${name} is found`, async () => {
    await fc.assert(
      fc.asyncProperty(
        bodies,
        fc.integer({ min: 1, max: 9 }),
        fc.nat(),
        async (records, every, pick) => {
          const lines = exportOf(records, every)
          const places = lines.flatMap((line, index) => (line.type === 'record' ? [index] : []))
          const index = places[pick % places.length]!
          const result = await verify(tamper(lines, index))
          assert.equal(result.intact, false)
          assert.ok(result.problem!.seq >= 1 && result.problem!.message.length > 10)
        },
      ),
      { numRuns: 60 },
    )
  })
}

test('two records that changed places are named', async () => {
  const records = Array.from({ length: 6 }, (_, number) => ({ v: 1, number }))
  const lines = exportOf(records, 6)
  const swapped = lines.map((line, i) => (i === 2 ? lines[3]! : i === 3 ? lines[2]! : line))
  const { problem } = await verify(swapped)
  assert.deepEqual([problem?.kind, problem?.seq], ['reordered', 2])
})

test('with another public key nothing is taken for true', async () => {
  const other = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' })
  const lines = exportOf([{ v: 1 }, { v: 2 }], 2)
  async function* text() {
    for (const line of lines) yield JSON.stringify(line)
  }
  const result = await verifyExport(text(), other.toString('base64'))
  assert.equal(result.problem?.kind, 'checkpoint')
})

for (const [name, disguise] of Object.entries(disguises)) {
  test(`${name} in the text is found`, async () => {
    const records = Array.from({ length: 6 }, (_, number) => ({ v: 1, kind: 'call', number }))
    const text = exportOf(records, 3)
      .map((line) => JSON.stringify(line))
      .join('\n')
    const changed = disguise(text)
    assert.notEqual(changed, text)
    async function* lines() {
      yield* changed.split('\n')
    }
    const result = await verifyExport(lines(), publicText)
    assert.equal(result.intact, false)
  })
}
