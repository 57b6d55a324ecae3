/**
 * A vocabulary as bytes, little endian: magic, rows, columns (0 or 1); hashes of 32 bits, ascending; where there
 * is a column, a 32-bit float for each.
 */
import { unreadable } from '../formats/byte-source.ts'

const magic = 0x31564942
const headBytes = 12

export interface HashedRows {
  hashes: Uint32Array
  /** One for each hash, or none at all. */
  values: Float32Array
}

export function vocabularyBytes({ hashes, values }: HashedRows): Uint8Array {
  const bytes = new Uint8Array(headBytes + (hashes.length + values.length) * 4)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, magic, true)
  view.setUint32(4, hashes.length, true)
  view.setUint32(8, values.length > 0 ? 1 : 0, true)
  for (let row = 0; row < hashes.length; row++)
    view.setUint32(headBytes + row * 4, hashes[row]!, true)
  const from = headBytes + hashes.length * 4
  for (let row = 0; row < values.length; row++) view.setFloat32(from + row * 4, values[row]!, true)
  return bytes
}

export function readVocabulary(bytes: Uint8Array): HashedRows {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < headBytes || view.getUint32(0, true) !== magic) {
    throw unreadable('its vocabulary is none')
  }
  const [count, columns] = [view.getUint32(4, true), view.getUint32(8, true)]
  if (columns > 1 || bytes.length !== headBytes + count * 4 * (1 + columns)) {
    throw unreadable('its vocabulary is cut short')
  }
  const hashes = Uint32Array.from({ length: count }, (_, row) =>
    view.getUint32(headBytes + row * 4, true),
  )
  const from = headBytes + count * 4
  const values = Float32Array.from({ length: count * columns }, (_, row) =>
    view.getFloat32(from + row * 4, true),
  )
  if (hashes.some((hash, row) => row > 0 && hash <= hashes[row - 1]!)) {
    throw unreadable('its vocabulary is out of order')
  }
  if (values.some((value) => !Number.isFinite(value)))
    throw unreadable('its vocabulary holds no numbers')
  return { hashes, values }
}
