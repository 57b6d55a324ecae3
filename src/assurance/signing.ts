/** The installation's Ed25519 key: signs audit checkpoints and the packages made here. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { AppError } from '../errors.ts'
import type { Keyring } from '../store/keyring.ts'

export interface SigningKey {
  /** First 32 hex digits of SHA-256 over the public key's SPKI DER. */
  fingerprint: string
  /** Base64 of the SPKI DER. */
  publicKey: string
  sign(message: Uint8Array): Buffer
}

const secretName = 'installation-signing-key'

/** Opens the key, making it at the installation's first start. */
export async function openSigningKey(keyring: Keyring): Promise<SigningKey> {
  let stored = await keyring.openSecret(secretName)
  if (!stored) {
    const { privateKey } = generateKeyPairSync('ed25519')
    stored = privateKey.export({ type: 'pkcs8', format: 'der' })
    await keyring.sealSecret(secretName, stored)
  }
  const privateKey = createPrivateKey({ key: stored, type: 'pkcs8', format: 'der' })
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  return {
    fingerprint: fingerprintOf(publicKey),
    publicKey: publicKey.toString('base64'),
    sign: (message) => sign(null, message, privateKey),
  }
}

function fingerprintOf(spki: Uint8Array): string {
  return createHash('sha256').update(spki).digest('hex').slice(0, 32)
}

export interface PublicKey {
  fingerprint: string
  /** Base64 of the SPKI DER. */
  spki: string
  verify(message: Uint8Array, signature: Uint8Array): boolean
}

/** Reads a public key: base64 of SPKI DER, or PEM. Only Ed25519 is accepted. */
export function readPublicKey(text: string): PublicKey {
  let key: KeyObject
  try {
    key = text.includes('-----BEGIN')
      ? createPublicKey(text)
      : createPublicKey({ key: Buffer.from(text.trim(), 'base64'), type: 'spki', format: 'der' })
  } catch (error) {
    throw new AppError('invalid_request', 'The public key is neither PEM nor base64 SPKI.', {
      cause: error,
    })
  }
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new AppError(
      'invalid_request',
      `The public key is ${key.asymmetricKeyType}, not Ed25519.`,
    )
  }
  const spki = key.export({ type: 'spki', format: 'der' })
  return {
    fingerprint: fingerprintOf(spki),
    spki: spki.toString('base64'),
    verify: (message, signature) => verify(null, message, key, signature),
  }
}
