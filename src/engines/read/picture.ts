/** Pictures as documents: PNG, JPEG, WebP with one page, TIFF with several. */
import sharp from 'sharp'
import { AppError } from '../../errors.ts'
import type { PageLimits } from './messages.ts'
import type { OpenDocument } from './open-document.ts'

sharp.cache(false)
sharp.concurrency(1)

const assumedDpi = 200
const sidePixelsMax = 32_000

export async function openPicture(bytes: Uint8Array, limits: PageLimits): Promise<OpenDocument> {
  const input = { limitInputPixels: limits.pixels, failOn: 'error' as const, animated: false }
  const metadata = await sharp(bytes, input)
    .metadata()
    .catch((cause) => {
      throw unreadable(cause)
    })
  const pageCount = metadata.pages ?? 1
  const density = metadata.density ?? 0
  // Cameras and editors write 72 or 1; a scan says 100 to 1200.
  const dpi = density >= 100 && density <= 1200 ? Math.round(density) : assumedDpi
  return {
    pageCount,
    async page(index, wantImage) {
      // Rotation as the camera held it, and white paper under transparency.
      const upright = () => {
        return sharp(bytes, { ...input, page: index })
          .autoOrient()
          .flatten({ background: 'white' })
      }
      try {
        const { data, info } = await upright()
          .toColourspace('b-w')
          .extractChannel(0)
          .raw({ depth: 'uchar' })
          .toBuffer({ resolveWithObject: true })
        const { width, height } = info
        if (Math.max(width, height) > sidePixelsMax) {
          throw new AppError('unreadable_file', `A picture of ${width} x ${height} is too large.`)
        }
        const grey = { pixels: data, width, height, dpi }
        if (!wantImage) return { width, height, dpi, grey }
        return { width, height, dpi, grey, image: await upright().png().toBuffer() }
      } catch (error) {
        throw error instanceof AppError ? error : unreadable(error)
      }
    },
    close() {},
  }
}

function unreadable(cause: unknown): AppError {
  const tooLarge = cause instanceof Error && /pixel limit/i.test(cause.message)
  const message = tooLarge
    ? 'The picture has more pixels than allowed. Send it in a lower resolution.'
    : 'The picture is damaged and cannot be read.'
  return new AppError('unreadable_file', message, { cause })
}
