/**
 * Small Llama-architecture models with seeded random weights, made on the spot: they load in
 * llama.cpp like any other model, so tests and benchmarks need no download. What they say is
 * noise; that it is valid JSON under a schema, deterministic under a seed and fast is what counts.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EngineModel } from '../src/engines/contract.ts'
import {
  type GgufMetadataValue,
  type GgufTensorData,
  writeGguf,
} from '../src/models/formats/gguf-writer.ts'
import { randomNumbers } from './random.ts'
import type { RunningProgram } from './running-program.ts'

export interface TinyLlamaShape {
  layers: number
  width: number
  heads: number
  keyValueHeads: number
  feedForward: number
  contextLength: number
  seed: number
}

/** About 0.5 MB. */
const tinyShape: TinyLlamaShape = {
  layers: 2,
  width: 64,
  heads: 4,
  keyValueHeads: 2,
  feedForward: 128,
  contextLength: 2048,
  seed: 1,
}

/** ChatML with tools in the Hermes manner; the markers are tokens of the vocabulary. */
const tinyChatTemplate = `{%- if tools %}<|im_start|>system
{% if messages[0].role == 'system' %}{{ messages[0].content }}
{% endif %}# Tools
{% for tool in tools %}{{ tool | tojson }}
{% endfor %}Answer with <tool_call>{"name": ..., "arguments": ...}</tool_call> to call one.<|im_end|>
{% elif messages[0].role == 'system' %}<|im_start|>system
{{ messages[0].content }}<|im_end|>
{% endif %}
{%- for message in messages %}
{%- if message.role == 'user' or message.role == 'assistant' %}<|im_start|>{{ message.role }}
{% if message.content %}{{ message.content }}{% endif %}
{%- if message.tool_calls %}{% for call in message.tool_calls %}<tool_call>{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}</tool_call>{% endfor %}{% endif %}<|im_end|>
{% elif message.role == 'tool' %}<|im_start|>user
<tool_response>{{ message.content }}</tool_response><|im_end|>
{% endif %}
{%- endfor %}
{%- if add_generation_prompt %}<|im_start|>assistant
{% endif %}`

const specialTokens = [
  '<|endoftext|>',
  '<|im_start|>',
  '<|im_end|>',
  '<|fim_prefix|>',
  '<|fim_suffix|>',
  '<|fim_middle|>',
  '<tool_call>',
  '</tool_call>',
]
const tokenTypes = { normal: 1, control: 3, userDefined: 4 }

/** The 256 characters that stand for bytes in byte-level vocabularies (GPT-2's table). */
function byteCharacters(): string[] {
  const printable = (byte: number) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174
  let next = 256
  return Array.from({ length: 256 }, (_, byte) =>
    String.fromCharCode(printable(byte) ? byte : next++),
  )
}

function tensorsOf(shape: TinyLlamaShape, vocabulary: number): GgufTensorData[] {
  const random = randomNumbers(shape.seed)
  const matrix = (name: string, columns: number, rows: number): GgufTensorData => {
    // Uniform with variance 1/columns, so that activations keep their size through the layers.
    const scale = 2 * Math.sqrt(3 / columns)
    const data = Float32Array.from({ length: columns * rows }, () => (random() - 0.5) * scale)
    return { name, shape: [columns, rows], type: 'f16', data }
  }
  const ones = (name: string): GgufTensorData => {
    return { name, shape: [shape.width], type: 'f32', data: new Float32Array(shape.width).fill(1) }
  }
  const keyValueWidth = (shape.width / shape.heads) * shape.keyValueHeads
  const tensors = [matrix('token_embd.weight', shape.width, vocabulary)]
  for (let layer = 0; layer < shape.layers; layer++) {
    const at = (part: string) => `blk.${layer}.${part}.weight`
    tensors.push(
      ones(at('attn_norm')),
      matrix(at('attn_q'), shape.width, shape.width),
      matrix(at('attn_k'), shape.width, keyValueWidth),
      matrix(at('attn_v'), shape.width, keyValueWidth),
      matrix(at('attn_output'), shape.width, shape.width),
      ones(at('ffn_norm')),
      matrix(at('ffn_gate'), shape.width, shape.feedForward),
      matrix(at('ffn_up'), shape.width, shape.feedForward),
      matrix(at('ffn_down'), shape.feedForward, shape.width),
    )
  }
  return [...tensors, ones('output_norm.weight'), matrix('output.weight', shape.width, vocabulary)]
}

function metadataOf(shape: TinyLlamaShape): Record<string, GgufMetadataValue> {
  const tokens = [...byteCharacters(), ...specialTokens]
  const id = (token: string): GgufMetadataValue => ({
    type: 'uint32',
    value: tokens.indexOf(token),
  })
  const uint32 = (value: number): GgufMetadataValue => ({ type: 'uint32', value })
  const kinds = tokens.map((token) => {
    if (!specialTokens.includes(token)) return tokenTypes.normal
    return token.includes('tool_call') ? tokenTypes.userDefined : tokenTypes.control
  })
  return {
    'general.architecture': { type: 'string', value: 'llama' },
    'general.name': { type: 'string', value: `tiny-llama-${shape.layers}x${shape.width}` },
    'general.file_type': uint32(1),
    'llama.context_length': uint32(shape.contextLength),
    'llama.embedding_length': uint32(shape.width),
    'llama.block_count': uint32(shape.layers),
    'llama.feed_forward_length': uint32(shape.feedForward),
    'llama.attention.head_count': uint32(shape.heads),
    'llama.attention.head_count_kv': uint32(shape.keyValueHeads),
    'llama.rope.dimension_count': uint32(shape.width / shape.heads),
    'llama.vocab_size': uint32(tokens.length),
    'llama.attention.layer_norm_rms_epsilon': { type: 'float32', value: 1e-5 },
    'tokenizer.ggml.model': { type: 'string', value: 'gpt2' },
    'tokenizer.ggml.pre': { type: 'string', value: 'gpt-2' },
    'tokenizer.ggml.tokens': { type: 'strings', value: tokens },
    'tokenizer.ggml.token_type': { type: 'int32s', value: kinds },
    'tokenizer.ggml.merges': { type: 'strings', value: [] },
    'tokenizer.ggml.bos_token_id': id('<|endoftext|>'),
    'tokenizer.ggml.eos_token_id': id('<|im_end|>'),
    'tokenizer.ggml.eot_token_id': id('<|im_end|>'),
    'tokenizer.ggml.fim_pre_token_id': id('<|fim_prefix|>'),
    'tokenizer.ggml.fim_suf_token_id': id('<|fim_suffix|>'),
    'tokenizer.ggml.fim_mid_token_id': id('<|fim_middle|>'),
    'tokenizer.ggml.add_bos_token': { type: 'bool', value: false },
    'tokenizer.chat_template': { type: 'string', value: tinyChatTemplate },
  }
}

/** Writes the model (once per shape and machine) and returns its path. */
export async function makeTinyLlama(shape: TinyLlamaShape = tinyShape): Promise<string> {
  const metadata = metadataOf(shape)
  const vocabulary = 256 + specialTokens.length
  const identity = JSON.stringify([shape, metadata])
  const digest = createHash('sha256').update(identity).digest('hex').slice(0, 16)
  const folder = join(tmpdir(), 'bastide-tiny-llama')
  const path = join(folder, `${digest}.gguf`)
  if (existsSync(path)) return path
  await mkdir(folder, { recursive: true })
  const draft = `${path}.${process.pid}`
  await writeGguf(draft, metadata, tensorsOf(shape, vocabulary))
  await rename(draft, path)
  return path
}

/** The tiny model as an engine takes it, with the true hash of its file. */
export async function tinyLlamaModel(
  shape: TinyLlamaShape = tinyShape,
  settings: Record<string, unknown> = {},
): Promise<EngineModel> {
  const path = await makeTinyLlama(shape)
  const hash = createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
  return {
    hash,
    name: `tiny-llama-${shape.layers}x${shape.width}`,
    files: { weights: path },
    settings,
  }
}

/** Imports one that generates as `tiny`, and one that embeds as `tiny-embed`. */
export async function importTinyModels(program: RunningProgram): Promise<void> {
  const path = await makeTinyLlama()
  for (const args of [
    ['model', 'import', path, '--name', 'tiny'],
    ['model', 'import', path, '--name', 'tiny-embed', '--task', 'embed'],
  ]) {
    const imported = await program.command(...args)
    assert.equal(imported.code, 0, imported.errors)
  }
}
