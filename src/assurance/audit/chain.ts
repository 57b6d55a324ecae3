/**
 * The audit chain's arithmetic as the writer does it, at once; `walk.ts` has it for whoever verifies.
 *
 * digest(n) = SHA-256(canonical JSON of record n)            (RFC 8785)
 * link(n)   = SHA-256(link(n-1) || n as 8 bytes big-endian || digest(n)),  link(0) = 32 zero bytes
 * Checkpoints sign the Merkle root over the links             (RFC 6962, section 2.1)
 */
import { createHash } from 'node:crypto'
import { leafMark, linkBytes, mergesAt, nodeMark, placeBytes } from './layout.ts'

export const firstLink: Buffer = Buffer.alloc(linkBytes)

function sha256(...parts: Uint8Array[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

export function recordDigest(canonicalText: string): Buffer {
  return sha256(Buffer.from(canonicalText))
}

export function nextLink(previous: Uint8Array, seq: number, digest: Uint8Array): Buffer {
  return sha256(previous, placeBytes(seq), digest)
}

/**
 * An append-only Merkle tree of which only the roots of its perfect subtrees are kept, largest
 * first: log2(size) hashes, whatever the size.
 */
export interface Frontier {
  size: number
  roots: Buffer[]
}

export function emptyFrontier(): Frontier {
  return { size: 0, roots: [] }
}

/** Adds one link, in place. */
export function appendLink(frontier: Frontier, link: Uint8Array): void {
  let root = sha256(leafMark, link)
  for (let merges = mergesAt(frontier.size); merges > 0; merges--) {
    root = sha256(nodeMark, frontier.roots.pop()!, root)
  }
  frontier.roots.push(root)
  frontier.size += 1
}

/** The tree's root: subtrees are joined from the right, as RFC 6962 splits at the largest power of two. */
export function merkleRoot(frontier: Frontier): Buffer {
  if (frontier.roots.length === 0) return sha256()
  return frontier.roots.reduceRight((right, left) => sha256(nodeMark, left, right))
}
