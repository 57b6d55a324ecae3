/** Identifiers: a readable prefix and a time-ordered random part, so that indexes stay compact. */
import { createHash, randomBytes } from 'node:crypto'

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** The leading characters of an id that hold its milliseconds. */
const timeCharacters = 10

/** Crockford base32, lower case, of bytes read as one big-endian number with leading zeros kept. */
function base32(bytes: Uint8Array): string {
  let bits = 0
  let value = 0
  let text = ''
  for (const byte of bytes) {
    value = (value << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += alphabet[(value >>> bits) & 31]
      value &= (1 << bits) - 1
    }
  }
  return bits > 0 ? text + alphabet[(value << (5 - bits)) & 31] : text
}

/** Random bytes are drawn in bulk: asking the kernel for each id costs more than making it. */
let pool = Buffer.alloc(0)
let taken = 0

function random(bytes: number): Buffer {
  if (taken + bytes > pool.length) {
    pool = randomBytes(4096)
    taken = 0
  }
  taken += bytes
  return pool.subarray(taken - bytes, taken)
}

/** `prefix_` and 26 characters: 48 bits of milliseconds, 82 random bits. Sorts by creation time. */
export function newId(prefix: string, now: number = Date.now()): string {
  const bytes = random(16)
  bytes.writeUIntBE(now, 0, 6)
  return `${prefix}_${base32(bytes)}`
}

/**
 * The same id for the same parts, always: used where a repeated attempt must not count twice. It
 * sorts by the time of `parent`, which is an id itself.
 */
export function derivedId(prefix: string, parent: string, ...parts: (string | number)[]): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([parent, ...parts]))
    .digest()
  const time = parent.split('_').at(-1)!.slice(0, timeCharacters)
  return `${prefix}_${time}${base32(digest.subarray(0, 10))}`
}
