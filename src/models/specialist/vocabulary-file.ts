/** A vocabulary as bytes: magic, count, hashes (32 bits, ascending), rarities (32-bit floats); little endian. */
import { unreadable } from '../formats/byte-source.ts'
import type { NgramOptions } from './ngrams.ts'
import type { Vocabulary } from './vocabulary.ts'

const magic = 0x31564942
const headBytes = 8

export function vocabularyBytes({ hashes, rarity }: Vocabulary): Uint8Array {
  const bytes = new Uint8Array(headBytes + hashes.length * 8)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, magic, true)
  view.setUint32(4, hashes.length, true)
  for (let row = 0; row < hashes.length; row++) {
    view.setUint32(headBytes + row * 4, hashes[row]!, true)
    view.setFloat32(headBytes + (hashes.length + row) * 4, rarity[row]!, true)
  }
  return bytes
}

export function readVocabulary(bytes: Uint8Array, options: NgramOptions): Vocabulary {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < headBytes || view.getUint32(0, true) !== magic) {
    throw unreadable('its vocabulary is none')
  }
  const count = view.getUint32(4, true)
  if (bytes.length !== headBytes + count * 8) throw unreadable('its vocabulary is cut short')
  const hashes = new Uint32Array(count)
  const rarity = new Float32Array(count)
  for (let row = 0; row < count; row++) {
    hashes[row] = view.getUint32(headBytes + row * 4, true)
    rarity[row] = view.getFloat32(headBytes + (count + row) * 4, true)
    if (row > 0 && hashes[row]! <= hashes[row - 1]!)
      throw unreadable('its vocabulary is out of order')
    if (!Number.isFinite(rarity[row]!)) throw unreadable('its vocabulary holds no numbers')
  }
  return { options, hashes, rarity }
}
