/**
 * The part of Markdown that models and readers of documents write: headings, paragraphs, lists,
 * quotes, fenced code, tables and rules. HTML in the source stays text.
 */
export type Block =
  | { kind: 'heading'; level: number; text: string }
  | { kind: 'paragraph'; text: string }
  | { kind: 'code'; language: string; text: string }
  | { kind: 'quote'; blocks: Block[] }
  | { kind: 'list'; ordered: boolean; start: number; items: Block[][] }
  | { kind: 'table'; head: string[]; rows: string[][]; right: boolean[] }
  | { kind: 'rule' }

const depthMax = 6
const fence = /^ {0,3}(```+|~~~+)\s*([\w+#.-]*)/
const heading = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/
const rule = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/
const item = /^( {0,3})([-*+]|(\d{1,9})[.)])(\s+|$)/
const tableRule = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/

/** Splits a Markdown text into blocks. An unclosed fence, as while streaming, reaches to the end. */
export function parseBlocks(source: string): Block[] {
  return parseLines(source.replaceAll('\r\n', '\n').split('\n'), 0)
}

function parseLines(lines: string[], depth: number): Block[] {
  const blocks: Block[] = []
  let at = 0
  while (at < lines.length) {
    const read =
      lines[at]!.trim() === '' ? { block: null, next: at + 1 } : readBlock(lines, at, depth)
    if (read.block) blocks.push(read.block)
    at = read.next
  }
  return blocks
}

interface Read {
  block: Block | null
  next: number
}

function readBlock(lines: string[], at: number, depth: number): Read {
  const line = lines[at]!
  if (fence.test(line)) return readCode(lines, at)
  const title = heading.exec(line)
  if (title) {
    return { block: { kind: 'heading', level: title[1]!.length, text: title[2]! }, next: at + 1 }
  }
  if (rule.test(line)) return { block: { kind: 'rule' }, next: at + 1 }
  if (depth < depthMax && line.trimStart().startsWith('>')) return readQuote(lines, at, depth)
  if (depth < depthMax && item.test(line)) return readList(lines, at, depth)
  if (line.includes('|') && tableRule.test(lines[at + 1] ?? '')) return readTable(lines, at)
  return readParagraph(lines, at)
}

function readCode(lines: string[], at: number): Read {
  const [, mark, language] = fence.exec(lines[at]!)!
  let end = at + 1
  while (end < lines.length && !lines[end]!.trimStart().startsWith(mark!)) end += 1
  const text = lines.slice(at + 1, end).join('\n')
  return { block: { kind: 'code', language: language ?? '', text }, next: end + 1 }
}

function readQuote(lines: string[], at: number, depth: number): Read {
  let end = at
  while (end < lines.length && lines[end]!.trimStart().startsWith('>')) end += 1
  const inner = lines.slice(at, end).map((line) => line.replace(/^\s*> ?/, ''))
  return { block: { kind: 'quote', blocks: parseLines(inner, depth + 1) }, next: end }
}

function readList(lines: string[], at: number, depth: number): Read {
  const first = item.exec(lines[at]!)!
  const ordered = first[3] !== undefined
  const indent = first[1]!.length
  const items: string[][] = []
  let end = at
  for (; end < lines.length; end += 1) {
    const line = lines[end]!
    const blank = line.trim() === ''
    const deeper = /^ */.exec(line)![0].length >= indent + 2
    const mark = item.exec(line)
    if (mark && !deeper && !rule.test(line)) {
      if ((mark[3] !== undefined) !== ordered) break
      items.push([line.slice(mark[0].length)])
    } else if (blank) {
      // A blank line ends the list unless the next line goes on with it.
      const next = lines[end + 1] ?? ''
      const following = item.exec(next)
      const sameList = following && (following[3] !== undefined) === ordered
      if (!sameList && !/^ {2,}\S/.test(next)) break
      items.at(-1)!.push('')
    } else if (deeper) {
      items.at(-1)!.push(line.replace(new RegExp(`^ {2,${indent + 4}}`), ''))
    } else if (startsBlock(line)) {
      break
    } else {
      items.at(-1)!.push(line)
    }
  }
  const block: Block = {
    kind: 'list',
    ordered,
    start: ordered ? Number(first[3]) : 1,
    items: items.map((inner) => parseLines(inner, depth + 1)),
  }
  return { block, next: end }
}

function readTable(lines: string[], at: number): Read {
  const head = cells(lines[at]!)
  const right = cells(lines[at + 1]!).map((mark) => mark.endsWith(':') && !mark.startsWith(':'))
  let end = at + 2
  while (end < lines.length && lines[end]!.includes('|') && lines[end]!.trim() !== '') end += 1
  const rows = lines.slice(at + 2, end).map(cells)
  return { block: { kind: 'table', head, rows, right }, next: end }
}

function cells(line: string): string[] {
  return line
    .trim()
    .replace(/^\||(?<!\\)\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim())
}

function readParagraph(lines: string[], at: number): Read {
  let end = at + 1
  while (end < lines.length && lines[end]!.trim() !== '' && !startsBlock(lines[end]!)) end += 1
  const text = lines
    .slice(at, end)
    .map((line) => line.trim())
    .join('\n')
  return { block: { kind: 'paragraph', text }, next: end }
}

function startsBlock(line: string): boolean {
  return fence.test(line) || heading.test(line) || rule.test(line) || /^ {0,3}(>|[-*+] )/.test(line)
}
