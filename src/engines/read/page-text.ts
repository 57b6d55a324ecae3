/** Paragraphs of a page as Markdown. Basic on purpose: paragraphs, mended hyphens, nothing more. */
import type { ReadWord } from '../contract.ts'

export function markdownOf(words: readonly ReadWord[]): string {
  const paragraphs: string[] = []
  let lines: string[] = []
  let line: string[] = []
  for (const [index, word] of words.entries()) {
    const previous = words[index - 1]
    if (previous && word.line !== previous.line) {
      lines.push(line.join(' '))
      line = []
    }
    if (previous && word.paragraph !== previous.paragraph) {
      paragraphs.push(joinLines(lines))
      lines = []
    }
    line.push(word.text)
  }
  if (line.length > 0) lines.push(line.join(' '))
  if (lines.length > 0) paragraphs.push(joinLines(lines))
  return paragraphs.filter((paragraph) => paragraph !== '').join('\n\n')
}

/** One line of text; a word cut at a line's end is mended where the next line goes on in lower case. */
function joinLines(lines: readonly string[]): string {
  let text = ''
  for (const line of lines) {
    if (/\u00ad$/.test(text) || (/\p{L}[-\u2010]$/u.test(text) && /^\p{Ll}/u.test(line))) {
      text = text.slice(0, -1) + line
    } else text = text === '' ? line : `${text} ${line}`
  }
  return text.replaceAll('\u00ad', '')
}
