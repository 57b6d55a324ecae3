import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { openJournal, readRecords } from './journal.ts'

function newFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'bastide-journal-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const files = (folder: string) => readdirSync(folder).map((name) => join(folder, name))

test('what was appended and not taken over is left, in its order, when it is opened again', async (context) => {
  const folder = newFolder(context)
  const journal = await openJournal(folder)
  const entries = Array.from({ length: 500 }, (_, n) => `${n} ${'é'.repeat(n % 90)}`)
  await Promise.all(entries.map((entry) => journal.append(entry).durable))
  // As after a kill: nobody closes it.
  const again = await openJournal(folder)
  assert.deepEqual(again.left, entries)
  await again.leftDone()
  await again.close()
  assert.deepEqual((await openJournal(folder)).left, [])
  await journal.close()
})

test('after a close nothing is left of what was taken over, and all of what was not', async (context) => {
  const folder = newFolder(context)
  const first = await openJournal(folder)
  const done = first.append('taken over')
  await done.durable
  done.done()
  await first.close()
  const second = await openJournal(folder)
  assert.deepEqual(second.left, [])
  await second.leftDone()
  await second.append('not taken over').durable
  await second.close()
  assert.deepEqual((await openJournal(folder)).left, ['not taken over'])
})

test('files are used again: however much passes through, there are few', async (context) => {
  const folder = newFolder(context)
  const journal = await openJournal(folder)
  const large = 'x'.repeat(100_000)
  for (let round = 0; round < 30; round++) {
    const kept = Array.from({ length: 10 }, () => journal.append(large))
    await Promise.all(kept.map(({ durable }) => durable))
    for (const one of kept) one.done()
  }
  const last = journal.append('the last one')
  await last.durable
  const sizes = files(folder).map((path) => statSync(path).size)
  assert.ok(sizes.length <= 3, `${sizes.length} files for 30 MB`)
  const left = (await openJournal(folder)).left
  assert.equal(left.at(-1), 'the last one')
  assert.ok(left.length < 60, 'records of earlier segments do not come back')
  await journal.close()
})

test('while something is not taken over its file is kept, and more are made', async (context) => {
  const folder = newFolder(context)
  const journal = await openJournal(folder)
  const stays = journal.append('stays')
  await stays.durable
  const large = 'x'.repeat(1_000_000)
  for (let n = 0; n < 20; n++) {
    const one = journal.append(large)
    await one.durable
    one.done()
  }
  assert.ok((await openJournal(folder)).left.includes('stays'))
  await journal.close()
})

test('an entry larger than a file is kept as well', async (context) => {
  const folder = newFolder(context)
  const journal = await openJournal(folder)
  const huge = 'y'.repeat(9 * 2 ** 20)
  await Promise.all([journal.append('before').durable, journal.append(huge).durable])
  await journal.append('after').durable
  assert.deepEqual((await openJournal(folder)).left, ['before', huge, 'after'])
  await journal.close()
})

test('a file that was cut or changed yields the records before that, and never another', async (context) => {
  const folder = newFolder(context)
  const journal = await openJournal(folder)
  const entries = Array.from({ length: 40 }, (_, n) => `entry ${n} ${'z'.repeat(n * 3)}`)
  for (const entry of entries) await journal.append(entry).durable
  await journal.close()
  const path = files(folder).find((one) => readRecords(readFileSync(one)).entries.length > 0)!
  const whole = readFileSync(path).subarray(0, 8_192)
  const isStart = (found: string[]) => found.every((entry, index) => entry === entries[index])
  fc.assert(
    fc.property(fc.nat(whole.length), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      assert.ok(isStart(readRecords(whole.subarray(0, at)).entries))
      const changed = Buffer.from(whole)
      if (at < changed.length) changed[at]! ^= flip
      const { entries: found } = readRecords(changed)
      assert.ok(isStart(found) || found.length === 0)
    }),
    { numRuns: 500 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4_096 }), (bytes) => {
      readRecords(Buffer.from(bytes))
    }),
    { numRuns: 500 },
  )
})

test('a disk that takes no more is an error to whoever appends, and to nobody else', async (context) => {
  const folder = newFolder(context)
  const journal = await openJournal(folder)
  await journal.append('kept').durable
  // Where the next file should be made there is a folder.
  mkdirSync(join(folder, '2.journal'))
  const huge = journal.append('y'.repeat(9 * 2 ** 20)).durable
  const small = journal.append('small').durable
  await assert.rejects(huge, /could not be written to disk/)
  await small
  rmSync(join(folder, '2.journal'), { recursive: true })
  assert.deepEqual((await openJournal(folder)).left, ['kept', 'small'])
  await journal.close()
})
