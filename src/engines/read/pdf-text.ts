/**
 * The text layer of a PDF page as words with boxes, and whether it can be trusted. Layers lie:
 * fonts without a Unicode map yield private or replacement characters, and a page number over a
 * full-page scan is not the page's text.
 */
import type { ReadWord } from '../contract.ts'
import { memoryView, type Pdfium, withMemory } from './pdfium.ts'

interface Character {
  text: string
  /** Left, top, right, bottom in pixels. */
  box: [number, number, number, number]
}

export interface TextLayer {
  words: ReadWord[]
  /** Characters that are not white space. */
  characterCount: number
  trusted: boolean
}

const badShareMax = 0.1
const readableShareMin = 0.4
/** Over pictures that cover most of the page, a text shorter than this is a caption or stamp. */
const scanTextMin = 200

export function readTextLayer(
  pdfium: Pdfium,
  page: number,
  width: number,
  height: number,
): TextLayer {
  const text = pdfium._FPDFText_LoadPage(page)
  if (text === 0) return { words: [], characterCount: 0, trusted: false }
  try {
    const { characters, total, bad } = readCharacters(pdfium, page, text, width, height)
    const covered = total < scanTextMin && pictureShare(pdfium, page) > 0.5
    // A font with a wrong map yields characters that exist but are mostly no letters.
    const readable = characters.filter((one) => one && /[\p{L}\p{N}]/u.test(one.text)).length
    const plausible = bad / total <= badShareMax && readable / total >= readableShareMin
    const trusted = total > 0 && plausible && !covered
    return { words: trusted ? wordsOf(characters) : [], characterCount: total, trusted }
  } finally {
    pdfium._FPDFText_ClosePage(text)
  }
}

function readCharacters(pdfium: Pdfium, page: number, text: number, width: number, height: number) {
  const characters: (Character | null)[] = []
  let [total, bad] = [0, 0]
  withMemory(pdfium, 24, (scratch) => {
    const count = pdfium._FPDFText_CountChars(text)
    for (let index = 0; index < count; index++) {
      const code = pdfium._FPDFText_GetUnicode(text, index)
      if (isSpace(code)) {
        characters.push(null)
        continue
      }
      total++
      if (isBad(code) || pdfium._FPDFText_HasUnicodeMapError(text, index) === 1) {
        bad++
        continue
      }
      if (pdfium._FPDFText_GetLooseCharBox(text, index, scratch) === 0) continue
      const box = deviceBox(pdfium, page, scratch, width, height)
      const outside = box[2] < 0 || box[3] < 0 || box[0] > width || box[1] > height
      if (!outside) characters.push({ text: String.fromCodePoint(code), box })
    }
  })
  return { characters, total, bad }
}

const isSpace = (code: number) =>
  code === 32 || (code >= 9 && code <= 13) || code === 0xa0 || (code >= 0x2000 && code <= 0x200a)

/** Control, private, replacement, surrogate and non-characters. U+0002 is PDFium's mended hyphen. */
function isBad(code: number): boolean {
  return (
    (code < 32 && code !== 2) ||
    (code >= 0x7f && code < 0xa0) ||
    (code >= 0xd800 && code <= 0xf8ff) ||
    code === 0xfffd ||
    code === 0xfffe ||
    code === 0xffff ||
    code > 0x10ffff ||
    code >= 0xf0000
  )
}

/** Reads the rectangle (left, top, right, bottom in points) at `scratch` and turns it to pixels. */
function deviceBox(
  pdfium: Pdfium,
  page: number,
  scratch: number,
  width: number,
  height: number,
): [number, number, number, number] {
  const view = memoryView(pdfium)
  const [left, top, right, bottom] = [0, 4, 8, 12].map((at) => view.getFloat32(scratch + at, true))
  const toDevice = (x: number, y: number): [number, number] => {
    const [pointerX, pointerY] = [scratch + 16, scratch + 20]
    pdfium._FPDF_PageToDevice(page, 0, 0, width, height, 0, x, y, pointerX, pointerY)
    const after = memoryView(pdfium)
    return [after.getInt32(pointerX, true), after.getInt32(pointerY, true)]
  }
  const [x0, y0] = toDevice(left!, top!)
  const [x1, y1] = toDevice(right!, bottom!)
  return [Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1)]
}

/** Share of the page under picture objects, counting overlaps twice; good enough to tell scans. */
function pictureShare(pdfium: Pdfium, page: number): number {
  const imageObject = 3
  const objectsMax = 2000
  const pageArea = pdfium._FPDF_GetPageWidth(page) * pdfium._FPDF_GetPageHeight(page)
  return withMemory(pdfium, 16, (scratch) => {
    let area = 0
    const count = Math.min(pdfium._FPDFPage_CountObjects(page), objectsMax)
    for (let index = 0; index < count; index++) {
      const object = pdfium._FPDFPage_GetObject(page, index)
      if (pdfium._FPDFPageObj_GetType(object) !== imageObject) continue
      const [left, bottom, right, top] = [scratch, scratch + 4, scratch + 8, scratch + 12]
      if (pdfium._FPDFPageObj_GetBounds(object, left, bottom, right, top) === 0) continue
      const view = memoryView(pdfium)
      const at = (pointer: number) => view.getFloat32(pointer, true)
      area += Math.abs((at(right) - at(left)) * (at(top) - at(bottom)))
    }
    return pageArea > 0 ? area / pageArea : 0
  })
}

/** Words at white space and line changes; lines and paragraphs from geometry. */
function wordsOf(characters: readonly (Character | null)[]): ReadWord[] {
  const words: ReadWord[] = []
  let [line, paragraph] = [0, 0]
  let current: Character | null = null
  let previous: Character | null = null
  const flush = () => {
    if (current) {
      const box = current.box
      words.push({ text: current.text.normalize('NFKC'), confidence: 1, box, line, paragraph })
    }
    current = null
  }
  for (const character of characters) {
    if (!character) {
      flush()
      continue
    }
    const step = previous ? lineStep(previous.box, character.box) : 'same'
    if (step !== 'same') {
      flush()
      line++
      if (step === 'paragraph') paragraph++
    }
    const hyphen = character.text === '\u0002' ? '-' : character.text
    const open: Character | null = current
    current = open ? joined(open, hyphen, character.box) : { text: hyphen, box: [...character.box] }
    previous = character
  }
  flush()
  return words
}

function joined(word: Character, text: string, box: Character['box']): Character {
  const [left, top, right, bottom] = word.box
  return {
    text: word.text + text,
    box: [
      Math.min(left, box[0]),
      Math.min(top, box[1]),
      Math.max(right, box[2]),
      Math.max(bottom, box[3]),
    ],
  }
}

/** Whether a character goes on in the line of the one before it, begins a line, or a paragraph. */
function lineStep(
  before: Character['box'],
  after: Character['box'],
): 'same' | 'line' | 'paragraph' {
  const heightBefore = Math.max(1, before[3] - before[1])
  const heightAfter = Math.max(1, after[3] - after[1])
  const overlap = Math.min(before[3], after[3]) - Math.max(before[1], after[1])
  if (overlap > 0.4 * Math.min(heightBefore, heightAfter)) return 'same'
  const gap = after[1] - before[3]
  const above = after[3] < before[1]
  const resized = Math.max(heightBefore, heightAfter) > 1.25 * Math.min(heightBefore, heightAfter)
  return above || resized || gap > 0.5 * heightBefore ? 'paragraph' : 'line'
}
