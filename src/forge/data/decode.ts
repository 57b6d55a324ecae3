/** Bytes as text, whatever encoding they came in. */

export interface Decoded {
  text: string
  notes: string[]
}

const byteOrderMarks: [encoding: string, mark: number[]][] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
]

/**
 * UTF-8, or what a byte order mark says. Lines that are not UTF-8 are read as Windows-1252, which is what
 * spreadsheets write in Europe; a note says how many.
 */
export function decodeText(bytes: Uint8Array): Decoded {
  for (const [encoding, mark] of byteOrderMarks) {
    if (!mark.every((byte, at) => bytes[at] === byte)) continue
    const text = new TextDecoder(encoding).decode(bytes)
    return {
      text,
      notes: encoding === 'utf-8' ? [] : [`The file is in ${encoding.toUpperCase()}.`],
    }
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), notes: [] }
  } catch {
    return decodeLines(bytes)
  }
}

function decodeLines(bytes: Uint8Array): Decoded {
  const strict = new TextDecoder('utf-8', { fatal: true })
  const western = new TextDecoder('windows-1252')
  const lines: string[] = []
  let others = 0
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(0x0a, from)
    const line = bytes.subarray(from, end < 0 ? bytes.length : end + 1)
    try {
      lines.push(strict.decode(line))
    } catch {
      lines.push(western.decode(line))
      others++
    }
    from += line.length
  }
  return {
    text: lines.join(''),
    notes: [
      `${others} of ${lines.length} lines are not UTF-8 and were read as Windows-1252: look at accents there.`,
    ],
  }
}
