/** Writes a bundle as a stream. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { PassThrough, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Pack, pack } from 'tar-stream'
import type { SigningKey } from '../../assurance/signing.ts'
import { AppError } from '../../errors.ts'
import { version } from '../../version.ts'
import { modelsBom } from '../bom.ts'
import type { ModelFiles } from '../files.ts'
import type { Manifest } from '../manifest.ts'
import type { Signature } from '../signatures.ts'
import {
  type BundleIndex,
  type BundleSignature,
  bomName,
  bundleFormat,
  canonicalIndex,
  filePath,
} from './format.ts'

export interface BundledPackage {
  hash: string
  manifest: Manifest
  signatures: readonly Signature[]
}

/** The archive's bytes, and about how many they are. Every file is checked against its hash first. */
export async function writeBundle(
  packages: readonly BundledPackage[],
  parts: { files: ModelFiles; key: SigningKey; now: Date },
): Promise<{ bytes: Readable; sizeBytes: number }> {
  const { files, key, now } = parts
  for (const { manifest } of packages) {
    if (manifest.files.length > 0) continue
    throw new AppError(
      'invalid_request',
      `${manifest.name} has no files of its own (engine ${manifest.engine}), so there is nothing to carry.`,
    )
  }
  const bom = Buffer.from(
    JSON.stringify(
      modelsBom(
        packages.map(({ manifest }) => manifest),
        now,
      ),
    ),
  )
  const carried = new Map(
    packages.flatMap(({ manifest }) =>
      manifest.files.map(({ sha256, sizeBytes }) => [sha256, { sha256, sizeBytes }] as const),
    ),
  )
  const index: BundleIndex = {
    format: bundleFormat,
    program: `bastide ${version}`,
    createdAt: now.toISOString(),
    packages: packages.map(({ hash, manifest, signatures }) => ({
      hash,
      manifest,
      signatures: [...signatures],
    })),
    files: [...carried.values()],
    bom: createHash('sha256').update(bom).digest('hex'),
  }
  const paths = new Map<string, string>()
  for (const { sha256 } of index.files) paths.set(sha256, await files.verifiedPath(sha256))
  const archive = pack()
  const bytes = new PassThrough()
  pipeline(archive, bytes).catch((error) => bytes.destroy(error))
  fill(archive, index, bom, key, paths).catch((error) => archive.destroy(error))
  const sizeBytes = index.files.reduce((sum, file) => sum + file.sizeBytes + 1024, bom.length)
  return { bytes, sizeBytes }
}

async function fill(
  archive: Pack,
  index: BundleIndex,
  bom: Buffer,
  key: SigningKey,
  paths: ReadonlyMap<string, string>,
): Promise<void> {
  const canonical = canonicalIndex(index)
  const signature: BundleSignature = {
    fingerprint: key.fingerprint,
    publicKey: key.publicKey,
    signature: key.sign(canonical).toString('base64'),
  }
  await add(archive, 'bundle.json', canonical)
  await add(archive, 'bundle.sig.json', Buffer.from(JSON.stringify(signature)))
  await add(archive, bomName, bom)
  for (const { sha256, sizeBytes } of index.files) {
    await new Promise<void>((resolve, reject) => {
      const entry = archive.entry({ name: filePath(sha256), size: sizeBytes }, (error) =>
        error ? reject(error) : resolve(),
      )
      pipeline(createReadStream(paths.get(sha256)!), entry).catch(reject)
    })
  }
  archive.finalize()
}

function add(archive: Pack, name: string, content: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    archive.entry({ name }, content, (error) => (error ? reject(error) : resolve()))
  })
}
