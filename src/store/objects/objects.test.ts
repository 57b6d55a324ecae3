/** One contract for every store of objects, and what a blob in it must survive. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { globSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { credentials, startObjectStore } from '../../../tests/object-store.ts'
import { systemClock } from '../../clock.ts'
import { createEgress, type EgressAttempt, type EgressRule } from '../../egress.ts'
import { AppError } from '../../errors.ts'
import { createLog } from '../../log.ts'
import { createBlobs, putBytes, readBlob } from '../blobs.ts'
import { openTestDatabase, type TestDatabase } from '../database-fixture.ts'
import { dataKeyFrom } from '../keyring.ts'
import { createRemovals } from '../removals.ts'
import { folderObjects } from './folder.ts'
import type { Objects } from './objects.ts'
import { bucketObjects, bucketRule } from './s3.ts'

const folder = mkdtempSync(join(tmpdir(), 'bastide-test-'))
const attempts: EgressAttempt[] = []
const rules: EgressRule[] = []
const egress = createEgress({ rules: () => rules, record: (one) => void attempts.push(one) })
let server: Awaited<ReturnType<typeof startObjectStore>>
let database: TestDatabase

before(async () => {
  database = await openTestDatabase()
  server = await startObjectStore()
})
after(async () => {
  await egress.close()
  await server[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

let files = 0
function fileOf(bytes: Uint8Array): string {
  const path = join(folder, `upload-${files++}`)
  writeFileSync(path, bytes)
  return path
}

function bucketAt(
  url: string,
  wanted: { secretAccessKey?: string; silenceMaxMs?: number } = {},
): Objects {
  const settings = { url, ...credentials, region: 'eu-central-1', ...wanted }
  rules.push(bucketRule(settings))
  return bucketObjects(settings, egress)
}

function blobsIn(objects: Objects, spool: string) {
  const { db } = database
  const removals = createRemovals({ db, objects, clock: systemClock })
  return createBlobs({ db, objects, removals, spool, log: createLog('silent') })
}

async function namesOf(objects: Objects): Promise<string[]> {
  const names: string[] = []
  for await (const { name } of objects.list()) names.push(name)
  return names.sort()
}

const stores: Record<string, () => Objects> = {
  'a folder': () => folderObjects(mkdtempSync(join(folder, 'objects-'))),
  'a bucket': () => bucketAt(server.url),
  'a bucket with a prefix': () => bucketAt(`${server.url}/of/one/house`),
}

for (const [kind, open] of Object.entries(stores)) {
  describe(kind, () => {
    let objects: Objects
    before(() => {
      objects = open()
    })

    test('gives back what was put, small, empty, and larger than one part', async () => {
      for (const [name, sizeBytes] of [
        ['one/small', 5],
        ['one/empty', 0],
        ['two/large', 17 * 2 ** 20 + 3],
      ] as const) {
        const bytes = randomBytes(sizeBytes)
        const file = fileOf(bytes)
        await objects.put(name, file)
        assert.deepEqual(await buffer(await objects.read(name)), bytes)
        assert.deepEqual(globSync(file), [], 'the file was taken over')
      }
      const sizes = new Map<string, number>()
      for await (const { name, sizeBytes } of objects.list()) sizes.set(name, sizeBytes)
      assert.equal(sizes.get('two/large'), 17 * 2 ** 20 + 3)
      assert.equal(sizes.size, 3)
    })

    test('replaces, removes one, removes a folder and nothing beside it', async () => {
      for (const name of ['dk_1/a', 'dk_1/b', 'dk_10/a'])
        await objects.put(name, fileOf(randomBytes(3)))
      await objects.put('dk_1/a', fileOf(Buffer.from('again')))
      assert.equal(String(await buffer(await objects.read('dk_1/a'))), 'again')
      await objects.remove('dk_1/b')
      await objects.remove('dk_1/b')
      await assert.rejects(objects.read('dk_1/b'), { code: 'not_found' })
      await objects.removeAll('dk_1')
      await objects.removeAll('nothing')
      await assert.rejects(objects.read('dk_1/a'), { code: 'not_found' })
      assert.ok((await namesOf(objects)).includes('dk_10/a'))
    })

    test('lists more than a page', async () => {
      for (let begun = 0; begun < 1_050; begun += 50) {
        const names = Array.from({ length: 50 }, (_, index) => `many/${begun + index}`)
        await Promise.all(names.map((name) => objects.put(name, fileOf(Buffer.of(1)))))
      }
      const many = (await namesOf(objects)).filter((name) => name.startsWith('many/'))
      assert.equal(many.length, 1_050)
      await objects.removeAll('many')
    })
  })
}

test('a bucket is reached through the guard, and only for blobs', async () => {
  const objects = bucketAt(server.url)
  await objects.put('seen', fileOf(Buffer.of(1)))
  assert.ok(attempts.some((one) => one.port === server.port && one.outcome === 'allowed'))
  await assert.rejects(egress.fetch(server.url, { purpose: 'document' }), { code: 'forbidden' })
})

test('a store that refuses says which settings to look at', async () => {
  const objects = bucketAt(server.url, { secretAccessKey: 'wrong' })
  await assert.rejects(objects.put('a', fileOf(Buffer.of(1))), (error: AppError) => {
    assert.equal(error.code, 'unavailable')
    assert.match(error.message, /SignatureDoesNotMatch.*BLOBS_SECRET_ACCESS_KEY/)
    return true
  })
  const elsewhere = bucketAt(server.url.replace('/bastide', '/no-such-bucket'))
  await assert.rejects(namesOf(elsewhere), { code: 'unavailable', message: /NoSuchBucket/ })
  assert.throws(() => bucketAt(new URL(server.url).origin), { code: 'invalid_request' })
})

const wrongStores: Record<string, RequestListener> = {
  'never answers': () => {},
  'answers with a page': (_, response) => response.end('<html>Welcome to the proxy</html>'),
  'fails always': (_, response) => response.writeHead(500).end(),
  'hangs up': (request) => request.socket.destroy(),
  'hangs up in mid-answer': (_, response) => {
    response.writeHead(200, { 'content-length': 1000 }).write('half')
    setTimeout(() => response.destroy(), 20)
  },
  'stops in mid-answer': (_, response) => {
    response.writeHead(200, { 'content-length': 1000 }).write('half')
  },
  'sends the client elsewhere': (_, response) =>
    response.writeHead(307, { location: 'http://127.0.0.1:9/elsewhere' }).end(),
}

for (const [behaviour, listener] of Object.entries(wrongStores)) {
  test(`a store that ${behaviour} fails what is asked of it, in time and in words`, async () => {
    const wrong = createServer(listener)
    await new Promise<void>((listening) => wrong.listen(0, '127.0.0.1', listening))
    const { port } = wrong.address() as AddressInfo
    const objects = bucketAt(`http://127.0.0.1:${port}/bucket`, { silenceMaxMs: 500 })
    const told = (error: unknown) => {
      assert.ok(error instanceof AppError, String(error))
      assert.ok(['unavailable', 'upstream_failed', 'internal'].includes(error.code), error.code)
      return true
    }
    const spool = mkdtempSync(join(folder, 'spool-'))
    const blobs = blobsIn(objects, spool)
    const key = dataKeyFrom('dk_test', randomBytes(32))
    try {
      await assert.rejects(readBlob(blobs, key, 'a'.repeat(80)), told)
      await assert.rejects(putBytes(blobs, key, Buffer.from('of a customer')), told)
      assert.deepEqual(readdirSync(join(spool, 'incoming')), [], 'nothing is left behind')
      await assert.rejects(namesOf(objects), told)
    } finally {
      wrong.closeAllConnections()
      wrong.close()
    }
  })
}

test('a blob that was changed, cut or swapped in its store is found out', async () => {
  const root = mkdtempSync(join(folder, 'objects-'))
  const objects = folderObjects(root)
  const blobs = blobsIn(objects, mkdtempSync(join(folder, 'spool-')))
  const key = dataKeyFrom('dk_test', randomBytes(32))
  const put = (text: string) => putBytes(blobs, key, Buffer.from(text))
  const nameOf = (address: string) => `dk_test/${address.slice(0, 2)}/${address}`
  const one = await put('of one customer')
  const other = await put('of another customer')
  const sealed = await buffer(await objects.read(nameOf(other.address)))
  assert.equal(String(await readBlob(blobs, key, one.address)), 'of one customer')
  for (const bytes of [sealed, sealed.subarray(0, -1), Buffer.alloc(0), randomBytes(80)]) {
    await objects.put(nameOf(one.address), fileOf(bytes))
    await assert.rejects(readBlob(blobs, key, one.address), { code: 'internal' })
  }
})
