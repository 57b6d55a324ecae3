/** The server's own verifier, at work in the browser: digests and signatures by WebCrypto. */
import { fromBase64, hexOf } from '../../../../src/assurance/audit/layout.ts'
import { linesOf } from '../../../../src/assurance/audit/lines.ts'
import type { VerifierKey, VerifierTools } from '../../../../src/assurance/audit/verifier-tools.ts'
import { type Verification, walkExport } from '../../../../src/assurance/audit/walk.ts'
import { t } from '../../texts/translate.ts'

export type { Verification }

async function sha256(...parts: Uint8Array[]): Promise<Uint8Array> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}

/** Base64 of SPKI DER, or PEM. */
async function readPublicKey(text: string): Promise<VerifierKey> {
  const given = new Uint8Array(fromBase64(text.replaceAll(/-----[^-]+-----/g, '')))
  let key: CryptoKey
  try {
    key = await crypto.subtle.importKey('spki', given, 'Ed25519', true, ['verify'])
  } catch (cause) {
    const isUnknown = cause instanceof DOMException && cause.name === 'NotSupportedError'
    const reason = isUnknown
      ? t('This browser knows no Ed25519 signatures. Take a newer one, or ./bastide audit verify.')
      : t('The public key is neither PEM nor base64 of an Ed25519 key.')
    throw new Error(reason, { cause })
  }
  const spki = new Uint8Array(await crypto.subtle.exportKey('spki', key))
  return {
    fingerprint: hexOf(await sha256(spki)).slice(0, 32),
    spki: btoa(String.fromCharCode(...spki)),
    verify: (message, signature) =>
      crypto.subtle.verify('Ed25519', key, new Uint8Array(signature), new Uint8Array(message)),
  }
}

/** Certificates are nothing WebCrypto reads. */
const tools: VerifierTools = { sha256, readPublicKey, checkTimestamp: null }

/** Verifies an export as it comes in. `onLine` is called with the number of lines read so far. */
export async function verifyInBrowser(
  bytes: ReadableStream<Uint8Array>,
  publicKey: string | null,
  onLine: (lines: number) => void,
): Promise<Verification> {
  if (!globalThis.crypto?.subtle) {
    throw new Error(
      t(
        'Browsers verify only over https or at localhost. Open the console there, or take ./bastide audit verify.',
      ),
    )
  }
  return walkExport(counted(linesOf(chunksOf(bytes)), onLine), publicKey, nothingElse, tools)
}

const nothingElse = { witnesses: [], authorities: [], notes: [] }

async function* counted(lines: AsyncIterable<string>, onLine: (lines: number) => void) {
  let count = 0
  for await (const line of lines) {
    onLine(++count)
    yield line
  }
}

/** Not every browser lets a stream be gone through by itself. */
async function* chunksOf(bytes: ReadableStream<Uint8Array>) {
  const reader = bytes.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
