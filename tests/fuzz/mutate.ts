/** Changes to an input, chosen by a seeded sequence of numbers. */

type Random = () => number
type Mutation = (bytes: Buffer, random: Random, parts: MutationParts) => Buffer

export interface MutationParts {
  dictionary: readonly Buffer[]
  /** Another input, to splice with. */
  other: Buffer
}

/** Inputs never grow beyond this. */
const bytesMax = 1 << 18

const below = (random: Random, end: number) => Math.floor(random() * end)
const cut = (bytes: Buffer, from: number, to: number, by: Uint8Array) =>
  Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(to)])

/** Lengths and counts that parsers have been wrong about. */
const boundaries = [
  ...[0n, 1n, 2n, 0x7fn, 0x80n, 0xffn, 0x100n, 0x7fffn, 0x8000n, 0xffffn, 0x10000n],
  ...[0x7fffffffn, 0x80000000n, 0xffffffffn, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n],
]

/** Writes a boundary value, or the old value a little changed, as a number of 1 to 8 bytes. */
function changeNumber(bytes: Buffer, random: Random): Buffer {
  const width = 2 ** below(random, 4)
  if (bytes.length < width) return bytes
  const changed = Buffer.from(bytes)
  const at = below(random, bytes.length - width + 1)
  const big = random() < 0.3
  const field = changed.subarray(at, at + width)
  if (big) field.reverse()
  const old = field.reduce((value, byte, index) => value | (BigInt(byte) << BigInt(index * 8)), 0n)
  const near = old + BigInt(below(random, 65) - 32)
  const value = random() < 0.5 ? near : boundaries[below(random, boundaries.length)]!
  for (let i = 0; i < width; i++)
    field[i] = Number(BigInt.asUintN(64, value) >> BigInt(i * 8)) & 255
  if (big) field.reverse()
  return changed
}

/** Replaces a decimal number in text by another one. */
function changeDecimal(bytes: Buffer, random: Random): Buffer {
  const numbers = [...bytes.toString('latin1').matchAll(/-?\d{1,20}/g)]
  const found = numbers[below(random, numbers.length)]
  if (!found) return bytes
  const value = boundaries[below(random, boundaries.length)]!
  const text = random() < 0.2 ? `-${value}` : random() < 0.2 ? `${value}e9` : `${value}`
  return cut(bytes, found.index, found.index + found[0].length, Buffer.from(text))
}

const mutations: readonly Mutation[] = [
  changeNumber,
  changeNumber,
  changeDecimal,
  function flipBit(bytes, random) {
    const changed = Buffer.from(bytes)
    if (changed.length > 0) changed[below(random, changed.length)]! ^= 1 << below(random, 8)
    return changed
  },
  function overwrite(bytes, random) {
    const changed = Buffer.from(bytes)
    const at = below(random, bytes.length + 1)
    changed.fill(below(random, 256), at, Math.min(bytes.length, at + 1 + below(random, 16)))
    return changed
  },
  function truncate(bytes, random) {
    return bytes.subarray(0, below(random, bytes.length + 1))
  },
  function remove(bytes, random) {
    const from = below(random, bytes.length + 1)
    return cut(bytes, from, Math.min(bytes.length, from + 1 + below(random, 64)), Buffer.alloc(0))
  },
  function duplicate(bytes, random) {
    const from = below(random, bytes.length + 1)
    const to = Math.min(bytes.length, from + 1 + below(random, 512))
    const at = below(random, bytes.length + 1)
    return cut(bytes, at, at, bytes.subarray(from, to))
  },
  function insertToken(bytes, random, { dictionary }) {
    const token = dictionary[below(random, dictionary.length)]
    if (!token) return bytes
    const at = below(random, bytes.length + 1)
    return cut(bytes, at, random() < 0.5 ? at : Math.min(bytes.length, at + token.length), token)
  },
  function splice(bytes, random, { other }) {
    const head = bytes.subarray(0, below(random, bytes.length + 1))
    return Buffer.concat([head, other.subarray(below(random, other.length + 1))])
  },
]

/** One to five changes in a row. */
export function mutate(bytes: Buffer, random: Random, parts: MutationParts): Buffer {
  let changed = bytes
  for (let left = 1 + below(random, 5); left > 0; left--) {
    changed = mutations[below(random, mutations.length)]!(changed, random, parts)
  }
  return Buffer.from(changed.subarray(0, bytesMax))
}
