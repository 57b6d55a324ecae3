/** Short names of features: 32 bits, the same on every machine. */

/** FNV-1a (Fowler, Noll, Vo) over UTF-16 code units. */
export const hashStart = 0x811c9dc5
export const hashStep = (hash: number, code: number): number => Math.imul(hash ^ code, 0x01000193)

export function hashText(hash: number, text: string): number {
  let mixed = hash
  for (let at = 0; at < text.length; at++) mixed = hashStep(mixed, text.charCodeAt(at))
  return mixed
}

/** MurmurHash3's last mixing, so that every bit depends on every bit. */
export function hashEnd(hash: number): number {
  let mixed = hash
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
