/** Who vouches for a package: Ed25519 signatures over its canonical manifest. */
import { z } from 'zod'
import type { Scope } from '../access/scope.ts'
import { readPublicKey, type SigningKey } from '../assurance/signing.ts'
import type { Database } from '../store/database.ts'
import { canonicalManifest, type Manifest } from './manifest.ts'

export const signatureSchema = z.strictObject({
  fingerprint: z.string().regex(/^[0-9a-f]{32}$/),
  /** Base64. */
  signature: z.string().max(200),
})
export type Signature = z.infer<typeof signatureSchema>

export interface Signer {
  fingerprint: string
  name: string
  publicKey: string
  /** The installation's own key. */
  own: boolean
}

export function signManifest(manifest: Manifest, key: SigningKey): Signature {
  const signature = key.sign(canonicalManifest(manifest)).toString('base64')
  return { fingerprint: key.fingerprint, signature }
}

/** The first known signer whose signature over the manifest holds, or null. */
export function verifiedSigner(
  manifest: Manifest,
  signatures: readonly Signature[],
  signers: readonly Signer[],
): Signer | null {
  const message = canonicalManifest(manifest)
  for (const { fingerprint, signature } of signatures) {
    const signer = signers.find((one) => one.fingerprint === fingerprint)
    if (!signer) continue
    if (readPublicKey(signer.publicKey).verify(message, Buffer.from(signature, 'base64'))) {
      return signer
    }
  }
  return null
}

/** The own key and every signer the organisation lists. */
export async function knownSigners(
  db: Database,
  organisationId: string,
  own: SigningKey,
): Promise<Signer[]> {
  const rows = await db
    .selectFrom('signers')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .orderBy('created_at')
    .orderBy('fingerprint')
    .execute()
  const listed = rows.map((row) => ({
    fingerprint: row.fingerprint,
    name: row.name,
    publicKey: row.public_key,
    own: false,
  }))
  const ownSigner = {
    fingerprint: own.fingerprint,
    name: 'this installation',
    publicKey: own.publicKey,
    own: true,
  }
  return [ownSigner, ...listed]
}

/** Lists a signer whose packages may be loaded under the policy `listed-signers`. */
export async function addSigner(db: Database, scope: Scope, name: string, publicKey: string) {
  const { fingerprint } = readPublicKey(publicKey)
  const values = {
    organisation_id: scope.organisationId,
    fingerprint,
    name,
    public_key: publicKey,
  }
  await db
    .insertInto('signers')
    .values(values)
    .onConflict((conflict) =>
      conflict.columns(['organisation_id', 'fingerprint']).doUpdateSet({ name }),
    )
    .execute()
  return { fingerprint, name, publicKey, own: false }
}
