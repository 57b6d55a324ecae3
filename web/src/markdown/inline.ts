/** A run of text inside a block. Nothing in it can load or run anything. */
export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'strong'; children: Inline[] }
  | { kind: 'emphasis'; children: Inline[] }
  /** A link or image of the source: its words, and its address as words. Never followed by itself. */
  | { kind: 'link'; text: string; address: string }
  | { kind: 'break' }

/** Deeper nesting is shown as it stands; nobody writes it, and it bounds the recursion. */
const depthMax = 8

/** Each pattern matches at the start of the rest and cannot backtrack over more than one line part. */
const patterns = {
  code: /^(`+)([^`]+)\1(?!`)/,
  link: /^!?\[([^[\]\n]{0,500})\]\(\s*<?([^()\s<>]{0,2000})>?(?:\s+"[^"\n]{0,200}")?\s*\)/,
  strong: /^(\*\*|__)(?=\S)([^\n]{1,2000}?\S)\1/,
  emphasis: /^([*_])(?=\S)([^\n*_]{0,2000}[^\s*_])\1(?!\w)/,
}

/** Reads the inline marks of Markdown; what is not understood stays text. */
export function parseInline(source: string, depth = 0): Inline[] {
  const parts: Inline[] = []
  let plain = ''
  let at = 0
  const flush = () => {
    if (plain !== '') parts.push({ kind: 'text', text: plain })
    plain = ''
  }
  while (at < source.length) {
    const character = source[at]!
    const found = depth < depthMax ? matchMark(source, at, depth) : null
    if (found) {
      flush()
      parts.push(found.part)
      at += found.length
    } else if (character === '\\' && /[\\`*_{}[\]()#+\-.!|<>~]/.test(source[at + 1] ?? '')) {
      plain += source[at + 1]
      at += 2
    } else if (character === '\n') {
      flush()
      parts.push({ kind: 'break' })
      at += 1
    } else {
      plain += character
      at += 1
    }
  }
  flush()
  return parts
}

/** The longest text one mark may span: a bound on the work per character. */
const markLengthMax = 4_096

function matchMark(
  source: string,
  at: number,
  depth: number,
): { part: Inline; length: number } | null {
  const character = source[at]!
  if (!'`![*_'.includes(character)) return null
  const rest = source.slice(at, at + markLengthMax)
  const code = character === '`' && patterns.code.exec(rest)
  if (code) return { part: { kind: 'code', text: code[2]!.trim() }, length: code[0].length }
  const link = (character === '[' || character === '!') && patterns.link.exec(rest)
  if (link) {
    return { part: { kind: 'link', text: link[1]!, address: link[2]! }, length: link[0].length }
  }
  // snake_case is a word, not emphasis.
  if (character === '_' && /\w/.test(source[at - 1] ?? '')) return null
  const strong = patterns.strong.exec(rest)
  if (strong) {
    const children = parseInline(strong[2]!, depth + 1)
    return { part: { kind: 'strong', children }, length: strong[0].length }
  }
  const emphasis = patterns.emphasis.exec(rest)
  if (emphasis) {
    const children = parseInline(emphasis[2]!, depth + 1)
    return { part: { kind: 'emphasis', children }, length: emphasis[0].length }
  }
  return null
}
