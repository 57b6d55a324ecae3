/**
 * A bundle carries models to an installation without a network: one tar archive, signed by who made it.
 *
 *   bundle.json        which packages and files there are; its canonical form is what is signed
 *   bundle.sig.json    the signature and the public key it was made with
 *   bom.cdx.json       the bill of materials (CycloneDX), named by its hash in bundle.json
 *   models/<sha256>    the files, each once, in the order of bundle.json
 *
 * A reader takes nothing from an archive's names but these: a name it does not expect ends the import.
 */
import canonicalize from 'canonicalize'
import { z } from 'zod'
import { manifestSchema } from '../manifest.ts'
import { signatureSchema } from '../signatures.ts'

export const bundleFormat = 'bastide-bundle-1'
export const bomName = 'bom.cdx.json'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

export const bundleIndexSchema = z.strictObject({
  format: z.literal(bundleFormat),
  /** The program that made it. */
  program: z.string().max(100),
  createdAt: z.iso.datetime(),
  packages: z
    .array(
      z.strictObject({
        hash: sha256,
        manifest: manifestSchema,
        signatures: z.array(signatureSchema).max(20),
      }),
    )
    .min(1)
    .max(1000),
  files: z.array(z.strictObject({ sha256, sizeBytes: z.number().int().min(1) })).max(10_000),
  bom: sha256,
})
export type BundleIndex = z.infer<typeof bundleIndexSchema>

export const bundleSignatureSchema = z.strictObject({
  fingerprint: z.string().regex(/^[0-9a-f]{32}$/),
  /** Base64 of the SPKI DER. */
  publicKey: z.string().max(500),
  signature: z.string().max(200),
})
export type BundleSignature = z.infer<typeof bundleSignatureSchema>

export function canonicalIndex(index: BundleIndex): Buffer {
  return Buffer.from(canonicalize(index)!)
}

export const filePath = (hash: string) => `models/${hash}`
