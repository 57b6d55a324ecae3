/**
 * Which bytes the chain's digests and signatures are taken over, and nothing that needs Node: a browser
 * verifies with the same lines as the server.
 */
import canonicalize from 'canonicalize'
import { assert } from '../../errors.ts'

export const exportFormat = 'bastide-audit-1'
export const linkBytes = 32

export interface HeaderLine {
  type: 'header'
  format: typeof exportFormat
  organisation: string
  public_key: string
  fingerprint: string
  exported_at: string
}

export interface CheckpointLine {
  type: 'checkpoint'
  seq: number
  root: string
  signed_at: string
  signature: string
  fingerprint: string
}

/** Evidence about the checkpoint before it, made outside the installation. */
export interface AnchorLine {
  type: 'anchor'
  kind: 'countersignature' | 'timestamp'
  seq: number
  /** Base64 of the second person's public key, or the address of the authority. */
  made_by: string
  /** Base64: an Ed25519 signature, or a TimeStampResp (RFC 3161). */
  evidence: string
}

export interface EndLine {
  type: 'end'
  seq: number
  exported_at: string
  signature: string
}

/** A checkpoint as it is written down elsewhere. */
export interface CheckpointNote {
  organisation: string
  seq: number
  root: string
  signed_at: string
  signature: string
  fingerprint: string
}

/** The one JSON text of a value: sorted keys, no spaces, shortest numbers (RFC 8785). */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value)
  assert(text !== undefined, 'a record has a canonical form')
  return text
}

const encoder = new TextEncoder()
export const utf8 = (text: string): Uint8Array => encoder.encode(text)

/** A record's place as it stands in its link: 8 bytes, big-endian. */
export function placeBytes(seq: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigInt64(0, BigInt(seq))
  return bytes
}

/** What precedes a leaf and an inner node under SHA-256 (RFC 6962, section 2.1). */
export const leafMark = Uint8Array.of(0)
export const nodeMark = Uint8Array.of(1)

/** As many subtrees merge, when a leaf is added, as the tree's old size has trailing one bits. */
export function mergesAt(oldSize: number): number {
  let merges = 0
  for (let size = oldSize; size % 2 === 1; size = (size - 1) / 2) merges += 1
  return merges
}

/** What a checkpoint's signature covers. */
export function checkpointText(organisation: string, seq: number, root: string, at: string) {
  return canonicalJson({ type: 'bastide-audit-checkpoint', organisation, seq, root, signed_at: at })
}

/** What the end line's signature covers. */
export function endText(organisation: string, seq: number, exportedAt: string) {
  return canonicalJson({ type: 'bastide-audit-end', organisation, seq, exported_at: exportedAt })
}

const hexDigits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export function hexOf(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += hexDigits[byte]
  return text
}

/** The bytes of a base64 text; none where it is not base64, which then is no signature of anything. */
export function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch {
    return new Uint8Array()
  }
}
