import { createReading, readingPatienceMs } from '../reading.ts'
import type { FuzzTarget } from '../target.ts'

/** A PDF of the given objects, numbered from 1; the first is the catalogue. */
function pdf(...objects: string[]): Buffer {
  let text = '%PDF-1.7\n'
  const offsets = objects.map((object, index) => {
    const offset = text.length
    text += `${index + 1} 0 obj\n${object}\nendobj\n`
    return `${String(offset).padStart(10, '0')} 00000 n \n`
  })
  const start = text.length
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.join('')}`
  text += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`
  return Buffer.from(text, 'latin1')
}

const stream = (content: string, entries = '') =>
  `<< /Length ${content.length} ${entries}>>\nstream\n${content}\nendstream`

function onePage(content: string, resources: string, ...more: string[]): Buffer {
  const page = `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Contents 4 0 R /Resources << ${resources} >> >>`
  const pages = '<< /Type /Pages /Kids [3 0 R] /Count 1 >>'
  return pdf('<< /Type /Catalog /Pages 2 0 R >>', pages, page, stream(content), ...more)
}

const font = '/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>'
const text = onePage('BT /F 12 Tf 10 50 Td (Good day to you) Tj ET', font)
const image = onePage(
  'q 50 0 0 50 0 0 cm /I Do Q',
  '/XObject << /I 5 0 R >>',
  stream(
    '80FF00>',
    '/Type /XObject /Subtype /Image /Width 3 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /ASCIIHexDecode ',
  ),
)
const shading = onePage(
  '/S sh',
  '/Shading << /S << /ShadingType 2 /ColorSpace /DeviceRGB /Coords [0 0 9 9] /Function 5 0 R >> >>',
  stream('{ dup 2 mul exch 3 1 roll }', '/FunctionType 4 /Domain [0 1] /Range [0 1 0 1 0 1] '),
)
const reading = createReading(async () => text)

export const target: FuzzTarget = {
  name: 'pdf',
  patienceMs: readingPatienceMs,
  dictionary: [
    ...['/Filter /FlateDecode', '/Filter /JBIG2Decode', '/Filter /JPXDecode', '/Filter /DCTDecode'],
    ...[
      '/Filter /LZWDecode',
      '/Filter /CCITTFaxDecode',
      '/Filter [/A85 /RL /Fl]',
      '/Encrypt 5 0 R',
    ],
    ...['/Kids [2 0 R]', '/Parent 3 0 R', '3 0 R', '/Count -1', '/Count 99999', '/Rotate 90'],
    ...['/Type /ObjStm /N 9 /First 9', '/Type /XRef /W [1 2 1]', '/Prev 0', 'startxref', '%%EOF'],
    ...[
      '/MediaBox [0 0 1e9 1e-9]',
      '/UserUnit 1e9',
      'BT',
      'Tf',
      'TJ',
      'q',
      'Q',
      'cm',
      'BI ID EI',
      're f',
    ],
    ...['/Subtype /Type3', '/Subtype /CIDFontType2', '/SMask 5 0 R', '/Pattern', '/FunctionType 0'],
    ...['[', '<<', '>>', '(', '\\', '/', '9999999999', '-1', '0.00000001'],
  ],
  seeds: async () => [text, image, shading],
  take: reading.take,
  close: reading.close,
}
