/** The few messages of PostgreSQL's wire protocol that the embedded database's thread must know. */

const readyForQuery = 0x5a
const errorResponse = 0x45
const terminate = 0x58
const idle = 0x49

/** Whether a client's bytes are Terminate, which must not reach the one session. */
export function isTerminate(bytes: Uint8Array): boolean {
  return bytes[0] === terminate && bytes.length === 5
}

/** Whether an answer ends with ReadyForQuery (`Z`, length 5) outside a transaction (`I`). */
export function endsTransaction(answer: Uint8Array): boolean {
  return answer.at(-6) === readyForQuery && answer.at(-2) === 5 && answer.at(-1) === idle
}

/** The errors of an answer, in their order. */
function* errorsOf(answer: Uint8Array): Generator<{ severity: string; message: string }> {
  const bytes = Buffer.from(answer.buffer, answer.byteOffset, answer.length)
  for (let at = 0; at + 5 <= bytes.length; at += 1 + bytes.readInt32BE(at + 1)) {
    if (bytes[at] !== errorResponse) continue
    const fields = bytes.toString('utf8', at + 5, at + 1 + bytes.readInt32BE(at + 1)).split('\0')
    const field = (kind: string) => fields.find((one) => one.startsWith(kind))?.slice(1) ?? ''
    yield { severity: field('V'), message: field('M') }
  }
}

/** The first error of an answer; null where there is none. */
export function errorIn(answer: Uint8Array): string | null {
  for (const { message } of errorsOf(answer)) return message
  return null
}

/**
 * The error of an answer after which its session cannot go on, such as a write-ahead log that finds no
 * room; null where there is none. PGlite returns from such an error with its locks held, and the next
 * statement would wait for them for ever.
 */
export function endOfSession(answer: Uint8Array): string | null {
  for (const { severity, message } of errorsOf(answer)) {
    if (severity === 'FATAL' || severity === 'PANIC') return `${severity}: ${message}`
  }
  return null
}

/** ErrorResponse with a SQLSTATE code, then ReadyForQuery outside a transaction. */
export function errorAnswer(code: string, message: string): Uint8Array {
  const fields = Buffer.from(`SERROR\0VERROR\0C${code}\0M${message}\0\0`)
  const answer = Buffer.alloc(5 + fields.length + 6)
  answer.write('E', 0)
  answer.writeInt32BE(4 + fields.length, 1)
  fields.copy(answer, 5)
  answer.write('Z', 5 + fields.length)
  answer.writeInt32BE(5, 6 + fields.length)
  answer.write('I', 10 + fields.length)
  return new Uint8Array(answer)
}
