/** Checkpoints of a chain in a real database, and what its export shows. */
import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { test } from 'node:test'
import { systemClock } from '../../clock.ts'
import { createLog } from '../../log.ts'
import type { Database } from '../../store/database.ts'
import { openTestDatabase } from '../../store/database-fixture.ts'
import { createBooking } from '../booking.ts'
import { readPublicKey, type SigningKey } from '../signing.ts'
import { appendLink, emptyFrontier, merkleRoot } from './chain.ts'
import { exportChain } from './export.ts'
import { makeCheckpoint, readChain } from './store.ts'
import { verifyExport } from './verify.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const publicText = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
const key: SigningKey = {
  fingerprint: readPublicKey(publicText).fingerprint,
  publicKey: publicText,
  sign: (message) => sign(null, message, privateKey),
}
const organisation = 'org_test'
const now = new Date('2026-01-01T00:00:00Z')

async function openChain(db: Database) {
  await db.insertInto('organisations').values({ id: organisation, name: 'Test' }).execute()
  await db
    .insertInto('audit_heads')
    .values({ organisation_id: organisation, seq: 0, link: Buffer.alloc(32) })
    .execute()
  const booking = createBooking({ db, clock: systemClock, journal: null, log: createLog('silent') })
  const event = {
    organisationId: organisation,
    workspaceId: null,
    kind: 'test.happen',
    actor: { kind: 'system', id: 'test' },
    outcome: 'ok',
  } as const
  return (count: number) =>
    Promise.all(Array.from({ length: count }, (_, n) => booking.book({ ...event, details: { n } })))
}

const verifyChain = (db: Database) =>
  verifyExport(exportChain(db, organisation, key, now), key.publicKey)

test('checkpoints sign the root over every link, whatever pages they were read in', async () => {
  await using database = await openTestDatabase()
  const { db } = database
  const add = await openChain(db)
  let size = 0
  // Fewer than a page, a page to the record, more than one; each from the last checkpoint on.
  for (const count of [3, 247, 250, 601]) {
    await add(count)
    size += count
    const checkpoint = await makeCheckpoint(db, organisation, key, now)
    const whole = emptyFrontier()
    for await (const { link } of readChain(db, organisation)) appendLink(whole, link)
    assert.equal(whole.size, size)
    assert.equal(checkpoint!.seq, size)
    assert.deepEqual(checkpoint!.root, merkleRoot(whole))
  }
  const result = await verifyChain(db)
  assert.equal(result.intact, true, result.problem?.message)
  assert.equal(result.records, size)
})

test('a chain that lost records in its database is still exported, and the export names the first', async () => {
  await using database = await openTestDatabase()
  const { db } = database
  const add = await openChain(db)
  await add(20)
  await makeCheckpoint(db, organisation, key, now)
  await add(600)
  await db
    .deleteFrom('audit_records')
    .where('organisation_id', '=', organisation)
    .where('seq', '>', 40)
    .where('seq', '<', 600)
    .execute()
  const result = await verifyChain(db)
  assert.equal(result.intact, false)
  assert.equal(result.problem?.kind, 'removed')
  assert.equal(result.problem?.seq, 41)
})
