/**
 * Messages between the server and an engine's process, over a pipe. Node's own channel is not used: what a
 * process writes there is deserialised by V8 and obeyed in part (`NODE_HANDLE`), so that one that a hostile
 * file has taken over could end the server. Here a message is JSON with its arrays of numbers behind it,
 * of limited length, and whatever is none ends that process alone.
 *
 * A frame: length of the JSON and of the rest (two unsigned 32-bit numbers, little endian), the JSON
 * `{message, arrays: [[path, kind, offset, length]]}`, the bytes of the arrays.
 */
import { Socket } from 'node:net'

export interface Channel<Out> {
  send(message: Out): void
  /** Whether waiting for messages keeps this process running. */
  ref(): void
  unref(): void
}

export interface ChannelListener<In> {
  message(message: In): void
  /** What came is no message, or could not be handled: the other side is not to be believed any more. */
  broken(error: Error): void
}

const descriptor = 3
const headBytes = 8
/** A page's picture and a tensor fit; what a process could make the server hold is limited. */
const frameBytesMax = 512 * 2 ** 20

const kinds = {
  u8: Uint8Array,
  i32: Int32Array,
  i64: BigInt64Array,
  f32: Float32Array,
} as const
type Kind = keyof typeof kinds
type Path = (string | number)[]
type Placed = [path: Path, kind: Kind, offset: number, length: number]

/** The server's side: of a process that was started with a pipe at descriptor 3. */
export function channelTo<In, Out>(pipe: Socket, listener: ChannelListener<In>): Channel<Out> {
  receive(pipe, listener)
  // That the process is gone is told by its exit; what was written to it meanwhile is lost with it.
  pipe.on('error', () => {})
  return {
    send(message) {
      if (!pipe.writable) return
      pipe.cork()
      for (const part of encode(message)) pipe.write(part)
      pipe.uncork()
    },
    ref: () => void pipe.ref(),
    unref: () => void pipe.unref(),
  }
}

/** The process's side. It ends with the server: native threads would keep it alive without purpose. */
export function channelToServer<In, Out>(message: (message: In) => void): Channel<Out> {
  const pipe = new Socket({ fd: descriptor, readable: true, writable: true })
  pipe.on('close', () => process.exit(0))
  pipe.on('end', () => process.exit(0))
  const broken = (error: Error) => {
    throw error
  }
  return channelTo(pipe, { message, broken })
}

function receive<In>(pipe: Socket, listener: ChannelListener<In>): void {
  let chunks: Buffer[] = []
  let sizeBytes = 0
  let wantedBytes = headBytes

  /** The next frame, where all of it is there. */
  function next(): unknown {
    if (sizeBytes < wantedBytes) return undefined
    const all = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, sizeBytes)
    chunks = [all]
    const jsonBytes = all.readUInt32LE(0)
    const frameBytes = headBytes + jsonBytes + all.readUInt32LE(4)
    if (frameBytes > frameBytesMax) throw new Error(`a message of ${frameBytes} bytes`)
    if (sizeBytes < frameBytes) {
      wantedBytes = frameBytes
      return undefined
    }
    chunks = [all.subarray(frameBytes)]
    sizeBytes -= frameBytes
    wantedBytes = headBytes
    const jsonEnd = headBytes + jsonBytes
    return decode(all.subarray(headBytes, jsonEnd), all.subarray(jsonEnd, frameBytes))
  }

  pipe.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    sizeBytes += chunk.length
    try {
      for (let message = next(); message !== undefined; message = next()) {
        listener.message(message as In)
      }
    } catch (error) {
      pipe.destroy()
      listener.broken(error instanceof Error ? error : new Error(String(error)))
    }
  })
}

export function encode(message: unknown): Uint8Array[] {
  const arrays: Placed[] = []
  const parts: Uint8Array[] = []
  let offset = 0
  const take = (value: unknown, path: Path): unknown => {
    if (ArrayBuffer.isView(value)) {
      const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      arrays.push([path, kindOf(value), offset, bytes.length])
      parts.push(bytes)
      offset += bytes.length
      return null
    }
    if (Array.isArray(value)) return value.map((one, index) => take(one, [...path, index]))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, take(one, [...path, name])]),
    )
  }
  const json = Buffer.from(JSON.stringify({ message: take(message, []), arrays }))
  const head = Buffer.alloc(headBytes)
  head.writeUInt32LE(json.length, 0)
  head.writeUInt32LE(offset, 4)
  return [head, json, ...parts]
}

function kindOf(value: ArrayBufferView): Kind {
  for (const [kind, type] of Object.entries(kinds)) if (value instanceof type) return kind as Kind
  throw new Error(`a message cannot hold a ${value.constructor.name}`)
}

export function decode(json: Buffer, binary: Buffer): unknown {
  const { message, arrays } = JSON.parse(json.toString()) as { message: unknown; arrays: Placed[] }
  if (typeof message !== 'object' || message === null) throw new Error('a message that is none')
  for (const [path, kind, offset, length] of arrays) {
    const name = path.at(-1)
    let holder: unknown = message
    for (const step of path.slice(0, -1)) holder = own(holder, step)
    if (name === undefined || own(holder, name) !== null)
      throw new Error('an array without a place')
    const place = holder as Record<string | number, unknown>
    place[name] = arrayOf(kind, binary, offset, length)
  }
  return message
}

/** What an object has itself: a path leads nowhere else. */
function own(holder: unknown, step: string | number): unknown {
  if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, step)) {
    throw new Error('a path that leads nowhere')
  }
  return (holder as Record<string | number, unknown>)[step]
}

function arrayOf(kind: Kind, binary: Buffer, offset: number, length: number): ArrayBufferView {
  const inside = Number.isInteger(offset) && Number.isInteger(length) && offset >= 0 && length >= 0
  if (!Object.hasOwn(kinds, kind) || !inside || offset + length > binary.length) {
    throw new Error('an array outside its message')
  }
  const start = binary.byteOffset + offset
  if (kind === 'u8') return new Uint8Array(binary.buffer, start, length)
  // The others must begin where their numbers may.
  return new kinds[kind](binary.buffer.slice(start, start + length) as ArrayBuffer)
}
