/** Whatever is done to an exported chain without the signing key, the verifier finds it. */
import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { readPublicKey } from '../signing.ts'
import {
  appendLink,
  canonicalJson,
  emptyFrontier,
  firstLink,
  merkleRoot,
  nextLink,
  recordDigest,
} from './chain.ts'
import { endStatement, exportFormat } from './export.ts'
import { checkpointStatement } from './store.ts'
import { type Verification, verifyExport } from './verify.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const publicText = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
const { fingerprint } = readPublicKey(publicText)
const organisation = 'org_test'
const at = '2026-01-01T00:00:00.000Z'
const signature = (statement: Buffer) => sign(null, statement, privateKey).toString('base64')

type Line = Record<string, unknown> & { type: string; seq?: number; link?: string }

/** An export of these records with a checkpoint after every `every` of them and at the end. */
function exportOf(records: Record<string, unknown>[], every: number): Line[] {
  const lines: Line[] = [
    {
      type: 'header',
      format: exportFormat,
      organisation,
      public_key: publicText,
      fingerprint,
      exported_at: at,
    },
  ]
  const frontier = emptyFrontier()
  let link: Buffer = firstLink
  records.forEach((record, index) => {
    const seq = index + 1
    link = nextLink(link, seq, recordDigest(canonicalJson(record)))
    appendLink(frontier, link)
    lines.push({ type: 'record', seq, record, link: link.toString('hex') })
    if (seq % every !== 0 && seq !== records.length) return
    const root = merkleRoot(frontier).toString('hex')
    const signed = signature(checkpointStatement(organisation, seq, root, at))
    lines.push({
      type: 'checkpoint',
      seq,
      root,
      signed_at: at,
      signature: signed,
      fingerprint,
    })
  })
  const end = signature(endStatement(organisation, records.length, at))
  return [...lines, { type: 'end', seq: records.length, exported_at: at, signature: end }]
}

function verify(lines: Line[]): Promise<Verification> {
  async function* text() {
    for (const line of lines) yield JSON.stringify(line)
  }
  return verifyExport(text(), publicText)
}

/** Recomputes every link, as a forger without the signing key would. */
function relinked(lines: Line[]): Line[] {
  let link: Buffer = firstLink
  let seq = 0
  return lines.map((line) => {
    if (line.type !== 'record') return line
    seq += 1
    link = nextLink(link, seq, recordDigest(canonicalJson(line.record)))
    return { ...line, seq, link: link.toString('hex') }
  })
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

/** Each takes the export and the index of a record's line, and says what must be found. */
const tamperings: Record<string, (lines: Line[], index: number) => Line[]> = {
  'a changed record': (lines, index) =>
    lines.map((line, i) => (i === index ? { ...line, record: { forged: true } } : line)),
  'a removed record': (lines, index) => lines.filter((_, i) => i !== index),
  'a record that stands twice': (lines, index) => lines.toSpliced(index, 0, lines[index]!),
  'a changed record with all links made anew': (lines, index) =>
    relinked(lines.map((line, i) => (i === index ? { ...line, record: { forged: true } } : line))),
  'a removed record with all links made anew': (lines, index) =>
    relinked(lines.filter((_, i) => i !== index)),
  'an added record with all links made anew': (lines, index) =>
    relinked(lines.toSpliced(index, 0, { ...lines[index]!, record: { forged: true } })),
  'a cut end': (lines, index) => lines.slice(0, index),
  'a cut end with the signed end kept': (lines, index) => [...lines.slice(0, index), lines.at(-1)!],
}

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

/** What is done to the text of a sound export; each must be found, though every digest still fits. */
const disguises: Record<string, (text: string) => string> = {
  'a name that stands twice': (text) =>
    text.replace('"kind":"call"', '"kind":"evil","kind":"call"'),
  'a field that readers drop': (text) =>
    text.replace('"record":{', '"record":{"__proto__":{"forged":true},'),
  'another time of export': (text) =>
    text.replace(`"exported_at":"${at}"`, '"exported_at":"2030-01-01T00:00:00.000Z"'),
  'another fingerprint in the header': (text) => text.replace(fingerprint, 'f'.repeat(64)),
  'another key in the header': (text) => text.replace(publicText, `${publicText} `),
  'another fingerprint at a checkpoint': (text) => {
    const place = text.lastIndexOf(fingerprint)
    return `${text.slice(0, place)}${'f'.repeat(64)}${text.slice(place + fingerprint.length)}`
  },
  'half of a surrogate pair': (text) => text.replace('"number":1', '"number":"\\ud800"'),
  'white space': (text) => text.replace('"record":{', '"record": {'),
}

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
