/** What goes into a channel comes out of it; whatever is no message ends the process that sent it, alone. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { channelTo, decode, encode } from './channel.ts'
import { pipeOf, startEngineProcess } from './process.ts'

const numbers = fc.oneof(
  fc.uint8Array({ maxLength: 9 }),
  fc.float32Array({ maxLength: 9 }),
  fc.int32Array({ maxLength: 9 }),
  fc.bigInt64Array({ maxLength: 9 }),
)
const message = fc.dictionary(
  fc.string(),
  fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      numbers,
      fc.string({ unit: 'binary' }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value')),
      fc.dictionary(
        fc.oneof(fc.constantFrom('__proto__', 'constructor'), fc.string()),
        tie('value'),
      ),
    ),
  })).value,
)
/** A frame as it travels. */
const frameOf = (value: unknown) => Buffer.concat(encode(value))
const frame = (json: string, binary = Buffer.alloc(0)) => {
  const head = Buffer.alloc(8)
  head.writeUInt32LE(Buffer.byteLength(json), 0)
  head.writeUInt32LE(binary.length, 4)
  return Buffer.concat([head, Buffer.from(json), binary])
}

test('a message is the same on the other side', () => {
  fc.assert(
    fc.property(message, (sent) => {
      const whole = frameOf(sent)
      const jsonEnd = 8 + whole.readUInt32LE(0)
      const received = decode(whole.subarray(8, jsonEnd), whole.subarray(jsonEnd))
      assert.deepEqual(toPlain(received), toPlain(sent))
    }),
  )
})

/** Objects without prototypes compare by what they hold; -0 is 0 in JSON. */
function toPlain(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return [value.constructor.name, ...(value as Uint8Array)]
  if (Array.isArray(value)) return value.map(toPlain)
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value
  return Object.entries(value).map(([name, one]) => [name, toPlain(one)])
}

/** Two ends of a pipe, as a process and its server have them. */
async function pipes(): Promise<[Socket, Socket]> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const near = connect(port, '127.0.0.1')
  const [far] = (await once(server, 'connection')) as [Socket]
  server.close()
  return [near, far]
}

test('messages arrive whole and in order, however the pipe cuts them', async () => {
  const [near, far] = await pipes()
  const received: { n: number; bytes: Uint8Array }[] = []
  const all = Promise.withResolvers<void>()
  channelTo<{ n: number; bytes: Uint8Array }, never>(far, {
    message: (one) => {
      received.push(one)
      if (received.length === 40) all.resolve()
    },
    broken: all.reject,
  })
  const sent = Array.from({ length: 40 }, (_, n) => ({ n, bytes: randomBytes(n * 997) }))
  const stream = Buffer.concat(sent.map(frameOf))
  for (let at = 0; at < stream.length; at += 1_013) {
    near.write(stream.subarray(at, at + 1_013))
    if (at % 7 === 0) await new Promise((resume) => setImmediate(resume))
  }
  await all.promise
  for (const [index, { n, bytes }] of received.entries()) {
    assert.equal(n, index)
    assert.ok(sent[index]!.bytes.equals(bytes))
  }
  near.destroy()
  far.destroy()
})

const hostile: Record<string, Buffer> = {
  'bytes without sense': Buffer.from('ee'.repeat(64), 'hex'),
  'a length beyond measure': Buffer.from('ffffffffffffffff', 'hex'),
  'no JSON': frame('{"message":'),
  'a message that is null': frame('{"message":null,"arrays":[]}'),
  'no list of arrays': frame('{"message":{}}'),
  'an array beyond the message': frame('{"message":{"a":null},"arrays":[[["a"],"f32",0,4096]]}'),
  'an array of half a number': frame(
    '{"message":{"a":null},"arrays":[[["a"],"f32",0,3]]}',
    Buffer.alloc(3),
  ),
  'an array of another kind': frame('{"message":{"a":null},"arrays":[[["a"],"constructor",0,0]]}'),
  'a path into what all objects share': frame(
    '{"message":{"a":null},"arrays":[[["__proto__","polluted"],"u8",0,0]]}',
  ),
  'a path through the constructor': frame(
    '{"message":{"a":{}},"arrays":[[["a","constructor","prototype"],"u8",0,0]]}',
  ),
  "what Node's own channel would obey": frame('{"cmd":"NODE_HANDLE_ACK"}'),
  'a message that its listener cannot use': frame('{"message":{"type":"unheard"},"arrays":[]}'),
}

for (const [what, bytes] of Object.entries(hostile)) {
  test(`a process that sends ${what} is not believed, and the server goes on`, async () => {
    const child = startEngineProcess({
      path: fileURLToPath(new URL('./hostile-fixture.ts', import.meta.url)),
      args: [bytes.toString('base64')],
      readable: [],
      memoryBytes: 2 ** 30,
      onMemoryExceeded: () => {},
      stderr: 'ignore',
    })
    const broken = new Promise<Error>((resolve) => {
      channelTo<{ type: string }, never>(pipeOf(child), {
        message: ({ type }) => {
          throw new Error(`a message of type ${type}`)
        },
        broken: resolve,
      })
    })
    assert.ok((await broken) instanceof Error)
    assert.equal((Object.prototype as Record<string, unknown>).polluted, undefined)
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
}
