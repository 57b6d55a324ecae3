import { crc32 } from 'node:zlib'
import sharp from 'sharp'
import { createReading, readingPatienceMs } from '../reading.ts'
import type { FuzzTarget } from '../target.ts'

const blank = { width: 24, height: 16, channels: 3, background: '#fff' } as const
const picture = () => sharp({ create: blank }).composite([{ input: dot, left: 4, top: 4 }])
const dot = { create: { width: 5, height: 4, channels: 4, background: '#345' } } as never
const reading = createReading(() => sharp({ create: blank }).png().toBuffer())

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47])

export const target: FuzzTarget = {
  name: 'image',
  patienceMs: readingPatienceMs,
  dictionary: [
    ...[
      'IHDR',
      'IDAT',
      'iCCP',
      'tRNS',
      'acTL',
      'eXIf',
      'Exif\0\0MM',
      'VP8X',
      'VP8L',
      'ALPH',
      'ANIM',
    ],
    ...[
      [0xff, 0xc0],
      [0xff, 0xc2],
      [0xff, 0xda],
      [0xff, 0xe1],
      [0xff, 0xd9],
      [0xff, 0xff, 0xff, 0xff],
    ],
    // TIFF: kinds of compression, tiles, sub-images.
    ...[
      [3, 1, 3, 0, 1, 0, 0, 0, 7, 0],
      [3, 1, 3, 0, 1, 0, 0, 0, 4, 0],
      [0x42, 1, 4, 0],
      [0x4a, 1, 4, 0],
    ],
  ].map((token) => (typeof token === 'string' ? Buffer.from(token) : Uint8Array.from(token))),
  async seeds() {
    return [
      await picture().png().toBuffer(),
      await picture().png({ palette: true, progressive: true }).toBuffer(),
      await picture().jpeg().toBuffer(),
      await picture().jpeg({ progressive: true }).withMetadata({ orientation: 6 }).toBuffer(),
      await picture().webp({ lossless: true }).toBuffer(),
      await picture().webp({ quality: 50 }).toBuffer(),
      await picture().tiff({ compression: 'lzw' }).toBuffer(),
      await picture().tiff({ compression: 'deflate', predictor: 'horizontal' }).toBuffer(),
      await picture().tiff({ compression: 'jpeg', tile: true }).toBuffer(),
    ]
  },
  repair(bytes) {
    if (!bytes.subarray(0, 4).equals(pngSignature)) return
    for (let at = 8; at + 12 <= bytes.length; ) {
      const end = at + 8 + bytes.readUInt32BE(at)
      if (end + 4 > bytes.length) return
      bytes.writeUInt32BE(crc32(bytes.subarray(at + 4, end)), end)
      at = end + 4
    }
  },
  take: reading.take,
  close: reading.close,
}
