/** Files with a word per line and its tag as the last column, sentences apart by an empty line (CoNLL). */

const tagPattern = /^(?:O|[BIESLU]-\S+)$/
const linesLooked = 200

/** Whether nearly every line ends with a tag. */
export function looksLikeConll(text: string): boolean {
  const lines = text
    .split('\n', linesLooked)
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
  const tagged = lines.filter((line) => {
    const columns = line.trim().split(/\s+/)
    return columns.length > 1 && tagPattern.test(columns.at(-1)!)
  })
  return lines.length > 1 && tagged.length > 0.9 * lines.length
}

export function conllRecords(text: string): { words: string[]; tags: string[] }[] {
  return text
    .replaceAll('\r', '')
    .split(/\n[^\S\n]*\n/)
    .flatMap((block) => {
      const lines = block
        .split('\n')
        .filter((line) => line.trim() !== '' && !/^(?:#|-DOCSTART-)/.test(line))
        .map((line) => line.trim().split(/\s+/))
      if (lines.length === 0) return []
      return [{ words: lines.map((line) => line[0]!), tags: lines.map((line) => line.at(-1)!) }]
    })
}
