/** The browser's verifier and the server's say the same of the same exports, sound and tampered with. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  disguises,
  exportOf,
  type Line,
  publicText,
  tamperings,
} from '../../../../src/assurance/audit/export-fixture.ts'
import { linesOf } from '../../../../src/assurance/audit/lines.ts'
import { verifyExport } from '../../../../src/assurance/audit/verify.ts'
import { verifyInBrowser } from './browser-verifier.ts'

const records = Array.from({ length: 23 }, (_, number) => ({ v: 1, kind: 'call', number }))
const textOf = (lines: Line[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('')

/** Split where nobody would: in the middle of lines and of characters. */
function streamOf(text: string): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 77) controller.enqueue(bytes.slice(at, at + 77))
      controller.close()
    },
  })
}

async function both(text: string, key: string | null = publicText) {
  const here = await verifyInBrowser(streamOf(text), key, () => undefined)
  assert.deepEqual(here, await verifyExport(linesOf(streamOf(text)), key))
  return here
}

test('a sound export is intact, with or without a key from elsewhere', async () => {
  const text = textOf(exportOf([...records, { v: 1, name: 'Zoë €\u2028\r' }], 5))
  assert.equal((await both(text)).intact, true)
  const alone = await both(text, null)
  assert.deepEqual([alone.intact, alone.keyIsIndependent], [true, false])
})

for (const [name, tamper] of Object.entries(tamperings)) {
  test(`both find ${name}, at the same record`, async () => {
    const lines = exportOf(records, 5)
    const places = lines.flatMap((line, index) => (line.type === 'record' ? [index] : []))
    for (const index of [places[0]!, places[7]!, places.at(-1)!]) {
      assert.equal((await both(textOf(tamper(lines, index)))).intact, false)
    }
  })
}

for (const [name, disguise] of Object.entries(disguises)) {
  test(`both find ${name}, at the same line`, async () => {
    assert.equal((await both(disguise(textOf(exportOf(records, 5))))).intact, false)
  })
}

test('a mark of the byte order is refused, as everything is that no export writes', async () => {
  await assert.rejects(both(`\ufeff${textOf(exportOf(records, 5))}`), /Line 1 is not JSON/)
})

test('what is no key is refused in words', async () => {
  const text = textOf(exportOf(records, 5))
  await assert.rejects(
    verifyInBrowser(streamOf(text), 'not a key', () => undefined),
    /neither PEM nor base64/,
  )
})
