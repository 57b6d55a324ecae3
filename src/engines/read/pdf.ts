/** PDF documents: opening with clear refusals, pages as text layer or as grey picture. */
import sharp from 'sharp'
import { AppError } from '../../errors.ts'
import type { PageLimits } from './messages.ts'
import type { OpenDocument, PageContent } from './open-document.ts'
import { readTextLayer } from './pdf-text.ts'
import { loadPdfium, type Pdfium, withMemory } from './pdfium.ts'

const defaultDpi = 200
/** Tesseract's own limit on the side of an image. */
const sidePixelsMax = 32_000
const passwordError = 4
const formats = { grey: 1, bgrx: 3 }
/** Annotations are part of what a reader sees. */
const renderAnnotations = 0x01

export async function openPdf(bytes: Uint8Array, limits: PageLimits): Promise<OpenDocument> {
  const pdfium = await loadPdfium()
  const data = pdfium.wasmExports.malloc(bytes.length)
  if (data === 0) throw new AppError('unreadable_file', 'The PDF is too large to be opened.')
  pdfium.HEAPU8.set(bytes, data)
  const document = pdfium._FPDF_LoadMemDocument(data, bytes.length, 0)
  if (document === 0) {
    const error = pdfium._FPDF_GetLastError()
    pdfium.wasmExports.free(data)
    const reason =
      error === passwordError
        ? 'The PDF is encrypted and needs a password. Remove the password and send it again.'
        : 'The PDF is damaged and cannot be opened.'
    throw new AppError('unreadable_file', reason)
  }
  const pageCount = pdfium._FPDF_GetPageCount(document)
  return {
    pageCount,
    async page(index, wantImage) {
      const page = pdfium._FPDF_LoadPage(document, index)
      if (page === 0) {
        throw new AppError('unreadable_file', `Page ${index + 1} of the PDF is damaged.`)
      }
      try {
        return await readPage(pdfium, page, index, limits, wantImage)
      } finally {
        pdfium._FPDF_ClosePage(page)
      }
    },
    close() {
      pdfium._FPDF_CloseDocument(document)
      pdfium.wasmExports.free(data)
    },
  }
}

async function readPage(
  pdfium: Pdfium,
  page: number,
  index: number,
  limits: PageLimits,
  wantImage: boolean,
): Promise<PageContent> {
  const { width, height, dpi } = pageSize(pdfium, page, index, limits)
  const layer = readTextLayer(pdfium, page, width, height)
  const empty = layer.characterCount === 0 && pdfium._FPDFPage_CountObjects(page) === 0
  const image = wantImage ? await colourPicture(pdfium, page, width, height) : undefined
  const content = { width, height, dpi, ...(image ? { image } : {}) }
  if (layer.trusted) return { ...content, words: layer.words }
  if (empty) return { ...content, words: [] }
  const pixels = render(pdfium, page, width, height, 'grey')
  return { ...content, grey: { pixels, width, height, dpi } }
}

/** Pixels of the page at 200 dpi, or at fewer where the page would be too large. */
function pageSize(pdfium: Pdfium, page: number, index: number, limits: PageLimits) {
  const points = {
    width: pdfium._FPDF_GetPageWidth(page),
    height: pdfium._FPDF_GetPageHeight(page),
  }
  if (!(points.width > 0 && points.height > 0)) {
    throw new AppError('unreadable_file', `Page ${index + 1} of the PDF has no size.`)
  }
  const inches = { width: points.width / 72, height: points.height / 72 }
  const dpi = Math.min(
    defaultDpi,
    Math.sqrt(limits.pixels / (inches.width * inches.height)),
    sidePixelsMax / Math.max(inches.width, inches.height),
  )
  const width = Math.max(1, Math.floor(inches.width * dpi))
  const height = Math.max(1, Math.floor(inches.height * dpi))
  return { width, height, dpi: Math.max(1, Math.round(dpi)) }
}

function render(
  pdfium: Pdfium,
  page: number,
  width: number,
  height: number,
  format: 'grey' | 'bgrx',
): Uint8Array {
  const stride = width * (format === 'grey' ? 1 : 4)
  return withMemory(pdfium, stride * height, (buffer) => {
    const bitmap = pdfium._FPDFBitmap_CreateEx(width, height, formats[format], buffer, stride)
    if (bitmap === 0) throw new AppError('unreadable_file', 'A page of the PDF cannot be drawn.')
    try {
      pdfium._FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xffffffff)
      pdfium._FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, renderAnnotations)
      return pdfium.HEAPU8.slice(buffer, buffer + stride * height)
    } finally {
      pdfium._FPDFBitmap_Destroy(bitmap)
    }
  })
}

async function colourPicture(pdfium: Pdfium, page: number, width: number, height: number) {
  const pixels = render(pdfium, page, width, height, 'bgrx')
  for (let at = 0; at < pixels.length; at += 4) {
    const blue = pixels[at]!
    pixels[at] = pixels[at + 2]!
    pixels[at + 2] = blue
    pixels[at + 3] = 255
  }
  const raw = { width, height, channels: 4 as const }
  return sharp(pixels, { raw }).removeAlpha().png({ compressionLevel: 6 }).toBuffer()
}
