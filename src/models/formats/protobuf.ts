/** Walks protobuf messages on a cursor without reading their payloads; every bound is checked. */
import { type ByteCursor, unreadable } from './byte-source.ts'

export interface Field {
  number: number
  /** 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes. */
  wireType: number
  /** Value of a varint; 0 for other types. */
  value: bigint
  /** Bytes of the payload that begins at the cursor; 0 for varints. */
  length: number
}

const varintBytesMax = 10

async function readVarint(cursor: ByteCursor, end: number): Promise<bigint> {
  let value = 0n
  for (let i = 0; i < varintBytesMax; i++) {
    if (cursor.position >= end) break
    if (!cursor.has(1)) await cursor.need(1)
    const byte = cursor.uint8()
    value |= BigInt(byte & 0x7f) << BigInt(7 * i)
    if (byte < 0x80) return BigInt.asUintN(64, value)
  }
  throw unreadable('it holds a broken number')
}

/** The next field of the message that ends at `end`; the cursor stands at its payload. */
export async function readField(cursor: ByteCursor, end: number): Promise<Field> {
  const key = await readVarint(cursor, end)
  const number = Number(key >> 3n)
  const wireType = Number(key & 7n)
  if (number < 1 || number > 0x1fffffff) throw unreadable('it holds a broken field number')
  switch (wireType) {
    case 0:
      return { number, wireType, value: await readVarint(cursor, end), length: 0 }
    case 1:
      return checked({ number, wireType, value: 0n, length: 8 }, cursor, end)
    case 5:
      return checked({ number, wireType, value: 0n, length: 4 }, cursor, end)
    case 2: {
      const length = await readVarint(cursor, end)
      if (length > BigInt(end - cursor.position))
        throw unreadable('a part is longer than its whole')
      return { number, wireType, value: 0n, length: Number(length) }
    }
    default:
      throw unreadable(`it uses the wire type ${wireType}`)
  }
}

function checked(field: Field, cursor: ByteCursor, end: number): Field {
  if (cursor.position + field.length > end) throw unreadable('a part is longer than its whole')
  return field
}

/** Numbers of a repeated field, packed or not; `visit` may refuse. */
export async function eachNumber(
  cursor: ByteCursor,
  field: Field,
  visit: (value: bigint) => void,
): Promise<void> {
  if (field.wireType === 0) return visit(field.value)
  if (field.wireType !== 2) throw unreadable('a list of numbers is something else')
  const end = cursor.position + field.length
  while (cursor.position < end) visit(await readVarint(cursor, end))
}
