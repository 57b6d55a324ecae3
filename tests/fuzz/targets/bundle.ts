import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { SigningKey } from '../../../src/assurance/signing.ts'
import { readBundle } from '../../../src/models/bundle/read.ts'
import { writeBundle } from '../../../src/models/bundle/write.ts'
import { createModelFiles } from '../../../src/models/files.ts'
import { linearOnnx } from '../../../src/models/formats/onnx-fixture.ts'
import { manifestSchema, packageHash } from '../../../src/models/manifest.ts'
import { incomingFolder } from '../../../src/store/uploads.ts'
import { chunked } from '../chunks.ts'
import { takenOrRefused } from '../refusals.ts'
import { repairTar } from '../tar.ts'
import type { FuzzTarget } from '../target.ts'

const folder = mkdtempSync(join(tmpdir(), 'bastide-fuzz-'))
const incoming = join(folder, incomingFolder)
mkdirSync(incoming)
/** Nothing here changes a stored file, so that nothing is put into quarantine. */
const quarantine = null as never
const files = createModelFiles(folder, quarantine)

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const spki = publicKey.export({ type: 'spki', format: 'der' })
const key: SigningKey = {
  fingerprint: createHash('sha256').update(spki).digest('hex').slice(0, 32),
  publicKey: spki.toString('base64'),
  sign: (message) => sign(null, message, privateKey),
}

export const target: FuzzTarget = {
  name: 'bundle',
  patienceMs: 3000,
  dictionary: [
    ...['models/', '../', 'bundle.json', 'bundle.sig.json', 'bom.cdx.json', 'ustar\0', '\0\0'],
    ...['"format":"bastide-bundle-1"', '"files":[]', '"sizeBytes":', '77777777777', '30 mtime=1\n'],
    // Kinds of entries: link, symbolic link, folder, extended header, long name.
    ...['1', '2', '5', 'x', 'g', 'L'],
    Buffer.alloc(512),
  ],
  async seeds() {
    const weights = Float32Array.of(1)
    const model = linearOnnx({ inputs: 1, outputs: 1, weights, bias: weights })
    const stored = await files.put(Readable.from([model]))
    const { sha256, sizeBytes } = stored
    const manifest = manifestSchema.parse({
      format: 'bastide-package-1',
      name: 'linear',
      version: '1',
      engine: 'onnx',
      task: 'tensor',
      card: {},
      files: [{ role: 'weights', path: 'model.onnx', sha256, sizeBytes, format: 'onnx' }],
      facts: stored.facts.facts,
    })
    const packages = [{ hash: packageHash(manifest), manifest, signatures: [] }]
    const { bytes } = await writeBundle(packages, { files, key, now: new Date(0) })
    return [await buffer(bytes)]
  },
  // An index that was changed is signed anew: by whom a bundle is, says nothing about what is in it.
  repair(bytes) {
    const places = repairTar(bytes)
    const index = places.find(({ name }) => name === 'bundle.json')
    const signature = places.find(({ name }) => name === 'bundle.sig.json')
    if (!index || !signature) return
    const text = bytes.subarray(signature.start, signature.end).toString('latin1')
    const made = key.sign(bytes.subarray(index.start, index.end)).toString('base64')
    const signed = text.replace(/"signature":"[^"]{88}"/, `"signature":"${made}"`)
    bytes.write(signed, signature.start, signature.end - signature.start, 'latin1')
  },
  async take(bytes) {
    const outcome = await takenOrRefused(['unreadable_file', 'invalid_request'], async () => {
      const content = Readable.from(chunked(bytes, 1000))
      const read = await readBundle(content, files, () => {})
      for (const file of read.files) await file.discard()
      return `taken, ${read.files.length} files`
    })
    assert.deepEqual(readdirSync(incoming), [], 'a file was left behind')
    return outcome
  },
  close: async () => rmSync(folder, { recursive: true }),
}
