/**
 * Reading a file's header without reading the file: a source of bytes and a cursor over it that
 * keeps one small window in memory. The cursor is where every bound of the parsers is enforced: it
 * cannot be moved or read beyond the end, whatever lengths a hostile file claims.
 */
import { open } from 'node:fs/promises'
import { AppError } from '../../errors.ts'

export interface ByteSource {
  sizeBytes: number
  /** Exactly `length` bytes from `offset`; callers stay within `sizeBytes`. */
  read(offset: number, length: number): Promise<Uint8Array>
}

export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
  }
}

/** Opens a file as a source; the caller closes it. */
export async function openFileSource(
  path: string,
): Promise<ByteSource & { close(): Promise<void> }> {
  const handle = await open(path, 'r')
  const { size } = await handle.stat()
  return {
    sizeBytes: size,
    async read(offset, length) {
      const bytes = new Uint8Array(length)
      let filled = 0
      while (filled < length) {
        const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled)
        if (bytesRead === 0) throw unreadable('it became shorter while it was read')
        filled += bytesRead
      }
      return bytes
    },
    close: () => handle.close(),
  }
}

export function unreadable(reason: string): AppError {
  return new AppError('unreadable_file', `The file cannot be read: ${reason}.`)
}

const windowBytes = 1 << 16
const textDecoder = new TextDecoder('utf-8', { fatal: true })

/**
 * A forward reader with one window. `need(n)` makes the next n bytes available; the getters after
 * it are synchronous, so that a header with a million entries costs no million awaits.
 */
export class ByteCursor {
  position = 0
  readonly end: number
  readonly #source: ByteSource
  #window: Uint8Array = new Uint8Array(0)
  #view = new DataView(this.#window.buffer)
  #windowStart = 0

  constructor(source: ByteSource) {
    this.#source = source
    this.end = source.sizeBytes
  }

  has(count: number): boolean {
    const start = this.position - this.#windowStart
    return start >= 0 && start + count <= this.#window.length
  }

  async need(count: number): Promise<void> {
    if (this.has(count)) return
    if (count > this.end - this.position) throw unreadable('it ends in the middle of its header')
    const length = Math.min(Math.max(count, windowBytes), this.end - this.position)
    this.#window = await this.#source.read(this.position, length)
    if (this.#window.length !== length) throw unreadable('it is shorter than it says')
    this.#view = new DataView(this.#window.buffer, this.#window.byteOffset, length)
    this.#windowStart = this.position
  }

  skip(count: number): void {
    if (!(count >= 0 && count <= this.end - this.position)) {
      throw unreadable('a length points beyond its end')
    }
    this.position += count
  }

  uint8 = (): number => this.#view.getUint8(this.#advance(1))
  int8 = (): number => this.#view.getInt8(this.#advance(1))
  uint16 = (): number => this.#view.getUint16(this.#advance(2), true)
  int16 = (): number => this.#view.getInt16(this.#advance(2), true)
  uint32 = (): number => this.#view.getUint32(this.#advance(4), true)
  int32 = (): number => this.#view.getInt32(this.#advance(4), true)
  float32 = (): number => this.#view.getFloat32(this.#advance(4), true)
  float64 = (): number => this.#view.getFloat64(this.#advance(8), true)
  uint64 = (): bigint => this.#view.getBigUint64(this.#advance(8), true)
  int64 = (): bigint => this.#view.getBigInt64(this.#advance(8), true)

  /** A 64-bit count or offset as a number; refuses what cannot be exact. */
  size(what: string): number {
    const value = this.uint64()
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw unreadable(`${what} is absurdly large`)
    return Number(value)
  }

  async bytes(count: number): Promise<Uint8Array> {
    await this.need(count)
    const start = this.#advance(count)
    return this.#window.subarray(start, start + count)
  }

  async text(count: number): Promise<string> {
    const bytes = await this.bytes(count)
    try {
      return textDecoder.decode(bytes)
    } catch {
      throw unreadable('a string is not UTF-8')
    }
  }

  #advance(count: number): number {
    const start = this.position - this.#windowStart
    this.position += count
    return start
  }
}
