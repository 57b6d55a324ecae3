/**
 * One contract, every engine: each test below runs over all engines that can do the task. Times
 * are asserted with slack, because test machines are noisy; the contract says 200 ms.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import sharp from 'sharp'
import { tinyLlamaModel } from '../../tests/tiny-llama.ts'
import { createEgress, type Egress } from '../egress.ts'
import { AppError } from '../errors.ts'
import { linearOnnx } from '../models/formats/onnx-fixture.ts'
import type {
  Engine,
  EngineEvent,
  EngineModel,
  EngineRequest,
  GenerateRequest,
} from './contract.ts'
import { createLlamaEngine } from './llama/engine.ts'
import { createOnnxEngine } from './onnx/engine.ts'
import { createReadEngine } from './read/engine.ts'
import { createRemoteEngine } from './remote/engine.ts'
import { startUpstream } from './upstream-fixture.ts'

interface Subject {
  engine: Engine
  model: EngineModel
  /** A short request with an always equal answer. */
  quick: EngineRequest
  /** A request that runs for seconds. */
  long: EngineRequest
  /** A request the engine cannot do. */
  alien: EngineRequest
  /** Processes to kill; none for engines that run elsewhere. */
  pids?: () => number[]
  end(): Promise<void>
}

const folder = mkdtempSync(join(tmpdir(), 'bastide-contract-'))
after(() => rmSync(folder, { recursive: true }))

const chat = (text: string, fields: Partial<GenerateRequest> = {}): GenerateRequest => ({
  task: 'generate',
  input: { type: 'chat', messages: [{ role: 'user', content: [{ type: 'text', text }] }] },
  temperature: 0,
  seed: 1,
  maxTokens: 24,
  ...fields,
})

/** Letters without end: the grammar never allows the model to stop. */
const endless: Partial<GenerateRequest> = {
  maxTokens: 100_000,
  format: { type: 'grammar', grammar: 'root ::= [a-z] root' },
}

const alienTensor: EngineRequest = { task: 'tensor', inputs: {} }

async function llamaSubject(): Promise<Subject> {
  const engine = createLlamaEngine({ memoryBudgetBytes: 1e9 })
  return {
    engine,
    model: await tinyLlamaModel(),
    quick: chat('hello'),
    long: chat('go on', endless),
    alien: alienTensor,
    pids: () => engine.pids(),
    end: () => engine.close(),
  }
}

async function remoteSubject(stream: boolean): Promise<Subject> {
  const upstream = createLlamaEngine({ memoryBudgetBytes: 1e9 })
  const { port, close } = await startUpstream(upstream, await tinyLlamaModel())
  const egress: Egress = createEgress({
    rules: () => [{ host: '127.0.0.1', port, allowPrivate: true }],
    record: () => {},
  })
  const engine = createRemoteEngine({ egress, secret: async () => '' })
  const baseUrl = `http://127.0.0.1:${port}/v1`
  const settings = { baseUrl, upstreamModel: 'tiny', dialect: 'llama-server' }
  return {
    engine,
    model: { hash: '0'.repeat(64), name: 'upstream', files: {}, settings },
    quick: chat('hello', { stream }),
    long: chat('go on', { ...endless, stream }),
    alien: alienTensor,
    async end() {
      await engine.close()
      close()
      await egress.close()
      await upstream.close()
    },
  }
}

async function onnxSubject(): Promise<Subject> {
  const width = 512
  const repeats = 400
  const weights = new Float32Array(width * width).fill(0.001)
  const bytes = linearOnnx({
    inputs: width,
    outputs: width,
    weights,
    bias: new Float32Array(width),
    repeats,
  })
  const path = join(folder, 'model.onnx')
  writeFileSync(path, bytes)
  const engine = createOnnxEngine({ modelFolder: folder, memoryBudgetBytes: 1e9 })
  const request = (rows: number): EngineRequest => {
    const data = new Float32Array(rows * width).fill(0.01)
    return { task: 'tensor', inputs: { x: { type: 'float32', data, shape: [rows, width] } } }
  }
  return {
    engine,
    model: {
      hash: createHash('sha256').update(bytes).digest('hex'),
      name: 'linear',
      files: { weights: path },
      settings: {},
    },
    quick: request(1),
    long: request(4000),
    alien: chat('hello'),
    pids: () => engine.pids(),
    end: () => engine.close(),
  }
}

/** A page of stripes and blocks: layout analysis and recognition labour over it for seconds. */
async function busyPicture(side = 3000): Promise<Uint8Array> {
  const [width, height] = [side, side]
  const pixels = Buffer.alloc(width * height, 255)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (y % 40 < 22 && (x * 7 + ((y / 40) | 0) * 13) % 31 < 12) pixels[y * width + x] = 0
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer()
}

function textPdf(text: string): Uint8Array {
  const content = `BT /F1 24 Tf 50 100 Td (${text}) Tj ET`
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>',
    `<</Length ${content.length}>>stream\n${content}\nendstream`,
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
  ]
  const body = objects.map((object, i) => `${i + 1} 0 obj\n${object}\nendobj\n`).join('')
  return Buffer.from(`%PDF-1.4\n${body}trailer<</Root 1 0 R>>\n%%EOF`)
}

async function readSubject(): Promise<Subject> {
  const engine = createReadEngine({ processes: 1 })
  const bytes = await busyPicture()
  return {
    engine,
    model: { hash: '1'.repeat(64), name: 'reader', files: {}, settings: { languages: ['eng'] } },
    quick: { task: 'read', bytes: textPdf('Hello walls'), mimeType: 'application/pdf' },
    long: { task: 'read', bytes, mimeType: 'image/png' },
    alien: chat('hello'),
    pids: () => engine.pids(),
    end: () => engine.close(),
  }
}

async function collect(
  { engine, model }: Subject,
  request: EngineRequest,
  signal = new AbortController().signal,
): Promise<EngineEvent[]> {
  const events: EngineEvent[] = []
  for await (const event of engine.run(model, request, { signal })) events.push(event)
  return events
}

/** What a request yields, without the measurements. */
const answerOf = (events: EngineEvent[]) =>
  JSON.stringify(
    events.reduce<{ text: string; rest: unknown[] }>(
      (answer, event) => {
        if (event.type === 'text-delta') answer.text += event.text
        else if (event.type === 'tensors') {
          for (const [name, { data, shape }] of Object.entries(event.outputs)) {
            answer.rest.push(name, Array.from(data as Float32Array), shape)
          }
        } else if (event.type !== 'end') answer.rest.push(event)
        else answer.rest.push(event.finishReason)
        return answer
      },
      { text: '', rest: [] },
    ),
  )

const failsWith = (code: string) => (error: unknown) => {
  assert.ok(error instanceof AppError, `not an AppError: ${error}`)
  assert.equal(error.code, code)
  return true
}

const textOf = (events: EngineEvent[]) =>
  events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('')

const subjects: [string, () => Promise<Subject>][] = [
  ['llama', llamaSubject],
  ['remote, streaming', () => remoteSubject(true)],
  ['remote, whole answers', () => remoteSubject(false)],
  ['onnx', onnxSubject],
  ['read', readSubject],
]

for (const [name, make] of subjects) {
  describe(`the engine contract: ${name}`, () => {
    let subject: Subject
    before(async () => {
      subject = await make()
    })
    after(() => subject.end())

    test('events come in order and exactly one end comes last', async () => {
      const events = await collect(subject, subject.quick)
      assert.deepEqual(
        events.map(({ type }, i) => type === 'end' && i !== events.length - 1),
        events.map(() => false),
      )
      assert.equal(events.at(-1)?.type, 'end')
    })

    test('the same request has the same answer', async () => {
      const [first, second] = [
        await collect(subject, subject.quick),
        await collect(subject, subject.quick),
      ]
      assert.equal(answerOf(second), answerOf(first))
    })

    test('usage counts what the request used', async () => {
      const end = (await collect(subject, subject.quick)).at(-1)
      assert.ok(end?.type === 'end')
      const { usage } = end
      assert.ok(
        usage.inputTokens + usage.outputTokens + usage.pages > 0 || subject.engine.name === 'onnx',
      )
      assert.ok(usage.queueSeconds >= 0 && usage.loadSeconds >= 0)
      if (subject.pids) assert.ok(usage.cpuSeconds !== null && usage.cpuSeconds > 0)
      else assert.equal(usage.cpuSeconds, null)
    })

    test('requests at the same time all get their own answer', async () => {
      const expected = answerOf(await collect(subject, subject.quick))
      const together = Array.from({ length: 6 }, () => collect(subject, subject.quick))
      for (const events of await Promise.all(together)) {
        if (subject.engine.name === 'onnx' || subject.engine.name === 'read') {
          assert.equal(answerOf(events), expected)
        }
        // Batched arithmetic may round otherwise; what must hold is a complete answer.
        assert.equal(events.at(-1)?.type, 'end')
      }
    })

    test('cancelling stops the work at once and frees what it held', async () => {
      await collect(subject, subject.quick)
      const controller = new AbortController()
      let abortedAt = 0
      setTimeout(() => {
        abortedAt = performance.now()
        controller.abort()
      }, 150)
      await assert.rejects(
        collect(subject, subject.long, controller.signal),
        failsWith('cancelled'),
      )
      assert.ok(performance.now() - abortedAt < 2000)
      await collect(subject, subject.quick)
      assert.ok(subject.engine.loaded().every(({ activeRequests }) => activeRequests === 0))
      await assert.rejects(
        collect(subject, subject.quick, AbortSignal.abort()),
        failsWith('cancelled'),
      )
    })

    test('a caller who stops listening frees the engine', async () => {
      for await (const _ of subject.engine.run(subject.model, subject.quick, {
        signal: new AbortController().signal,
      })) {
        break
      }
      await collect(subject, subject.quick)
    })

    test('a crash fails the requests it was serving, and the next starts afresh', async (t) => {
      const { pids } = subject
      if (!pids) return t.skip('runs elsewhere')
      await collect(subject, subject.quick)
      const running = [collect(subject, subject.long), collect(subject, subject.long)]
      setTimeout(() => {
        for (const pid of pids()) process.kill(pid, 'SIGKILL')
      }, 150)
      const [first] = await Promise.allSettled(running.slice(0, 1))
      assert.ok(first?.status === 'rejected')
      failsWith('engine_crashed')(first.reason)
      running[1]!.catch(() => {})
      // The second may have waited in a queue and run after the restart: it is killed at close.
      assert.equal((await collect(subject, subject.quick)).at(-1)?.type, 'end')
    })

    test('a task it cannot do is refused', async () => {
      await assert.rejects(collect(subject, subject.alien), failsWith('unsupported'))
    })
  })
}

test('a page that takes too long is given up in time, and the next is read', async () => {
  const engine = createReadEngine({ processes: 1, limits: { pageSeconds: 2 } })
  const model: EngineModel = { hash: '0'.repeat(64), name: 'ocr', files: {}, settings: {} }
  const read = async (bytes: Uint8Array) => {
    const { signal } = new AbortController()
    const events: EngineEvent[] = []
    for await (const one of engine.run(
      model,
      { task: 'read', bytes, mimeType: 'image/png' },
      { signal },
    ))
      events.push(one)
    return events
  }
  try {
    const paper = { width: 100, height: 100, channels: 3, background: 'white' } as const
    const blank = await sharp({ create: paper }).png().toBuffer()
    await read(blank)
    const busy = await busyPicture(6500)
    const startedAt = performance.now()
    await assert.rejects(read(busy), (error) => {
      return error instanceof AppError && /took longer than 2 s/.test(error.message)
    })
    assert.ok(performance.now() - startedAt < 4000)
    assert.equal((await read(blank)).at(-1)?.type, 'end')
  } finally {
    await engine.close()
  }
})

/**
 * Characters as the grammar counts them. Random weights write byte sequences that are no UTF-8, one
 * character to the grammar; decoded, each is up to four replacement characters.
 */
function charactersWritten(text: string): number {
  return [...text.replace(/\uFFFD{1,4}/g, '?')].length
}

for (const [name, make] of subjects.slice(0, 3)) {
  describe(`generating: ${name}`, () => {
    let subject: Subject
    before(async () => {
      subject = await make()
    })
    after(() => subject.end())

    test('an answer under a JSON Schema is valid whatever the model is', async () => {
      const schema = {
        type: 'object',
        properties: {
          name: { type: 'string', maxLength: 12 },
          kind: { enum: ['person', 'company'] },
          scores: { type: 'array', items: { type: 'integer' }, maxItems: 3 },
          note: { type: ['string', 'null'], maxLength: 5 },
        },
        required: ['name', 'kind', 'scores'],
        additionalProperties: false,
      }
      const format = { type: 'json-schema', schema } as const
      for (const seed of [1, 2, 3, 4]) {
        const request = chat('describe', { format, temperature: 1, seed, maxTokens: 400 })
        const value = JSON.parse(textOf(await collect(subject, request)))
        assert.ok(typeof value.name === 'string' && charactersWritten(value.name) <= 12)
        assert.ok(['person', 'company'].includes(value.kind))
        assert.ok(value.scores.length <= 3 && value.scores.every(Number.isInteger))
      }
    })

    test('the seed decides, and usage adds up', async () => {
      const say = async (seed: number) => {
        return collect(subject, chat('say', { seed, temperature: 1, maxTokens: 20 }))
      }
      const [first, same, other] = [await say(7), await say(7), await say(8)]
      assert.equal(textOf(first), textOf(same))
      assert.notEqual(textOf(first), textOf(other))
      const end = first.at(-1)
      assert.ok(end?.type === 'end' && end.usage.outputTokens <= 20 && end.usage.outputTokens > 0)
      assert.ok(end.usage.cachedTokens <= end.usage.inputTokens)
    })

    test('tokens are counted, or the engine says it cannot', async () => {
      const { signal } = new AbortController()
      const count = await subject.engine.countTokens(subject.model, 'grüße', { signal })
      assert.equal(count, subject.engine.name === 'llama' ? 7 : null)
    })

    test('embeddings have one vector per input', async () => {
      const [first] = await collect(subject, { task: 'embed', inputs: ['a', 'bb', 'ccc'] })
      assert.ok(first?.type === 'embeddings')
      assert.deepEqual(
        first.vectors.map((vector) => vector.length),
        [64, 64, 64],
      )
    })
  })
}
