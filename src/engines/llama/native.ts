/**
 * The part of llama.cpp this engine drives, through node-llama-cpp's native binding.
 *
 * node-llama-cpp's own scheduler is bypassed: it spends a promise chain and an O(context) array
 * copy per token and sequence, has no raw log-probabilities together with a grammar, and does not
 * say which step a request was part of. The library still finds and loads the binary, checks
 * memory and creates model and context; from there on `batcher.ts` owns the context. The binding
 * is internal to the library, so its version is pinned exactly and `loadNative` checks that every
 * function used here exists.
 */
import { getLlama, LlamaLogLevel } from 'node-llama-cpp'
import type { LoadOptions } from './messages.ts'

export interface NativeContext {
  initBatch(tokenCount: number): void
  /** Positions in the batch whose logits can be sampled after `decodeBatch`. */
  addToBatch(
    sequence: number,
    firstPosition: number,
    tokens: Uint32Array,
    logitIndexes: Uint32Array,
  ): Uint32Array
  decodeBatch(): Promise<void>
  sampleToken(batchIndex: number, sampler: NativeSampler): Promise<number>
  sampleToken(
    batchIndex: number,
    sampler: NativeSampler,
    probabilities: false,
    confidence: false,
    /** Tokens asked for, then: include highest, lowest, selected; and how many of the top. */
    logits: [tokens: number[], highest: boolean, lowest: boolean, selected: boolean, top: number],
    totalLogitWeight: true,
  ): Promise<[token: number, undefined, undefined, logits: number[], totalLogitWeight: number]>
  removeTokenCellsFromSequence(sequence: number, start: number, end: number): boolean
  disposeSequence(sequence: number): void
  setThreads(threads: number): void
}

export interface SamplerConfig {
  temperature: number
  topK: number
  topP: number
  minP: number
  seed: number
  repeatPenalty?: number
  repeatPenaltyMaxTokens?: number
  repeatPenaltyTokens?: Uint32Array
  repeatPenaltyFrequencyPenalty?: number
  repeatPenaltyPresencePenalty?: number
  grammarEvaluationState?: GrammarState
}

export type GrammarState = { readonly kind: 'grammar-state' }
export interface NativeSampler {
  applyConfig(config: SamplerConfig): void
  dispose(): void
}

interface NativeModel {
  tokenize(text: string, specialTokens: boolean): Uint32Array
  detokenize(tokens: Uint32Array, specialTokens: boolean): string
  getTokenString(token: number): string
  getTokenAttributes(token: number): number
  isEogToken(token: number): boolean
  getVocabularyType(): number
  prefixToken(): number
  middleToken(): number
  suffixToken(): number
}

export interface Embedder {
  /** Tokens the input becomes, with the model's start and end tokens. */
  countTokens(text: string): number
  embed(text: string): Promise<Float32Array>
}

export interface Native {
  model: NativeModel
  context: NativeContext
  contextSize: number
  sequences: number
  batchSize: number
  tokenCount: number
  /** -1 where the model has none. */
  bosToken: number
  eosToken: number
  prependBos: boolean
  createSampler(): NativeSampler
  /** Throws when the grammar is not valid GBNF. */
  compileGrammar(text: string): () => GrammarState
  renderTemplate(template: string, values: Record<string, unknown>): string
  embedder(): Promise<Embedder>
}

interface Bindings {
  AddonSampler: new (model: NativeModel) => NativeSampler
  AddonGrammar: new (
    text: string,
    options: { addonExports: Bindings; rootRuleName: string },
  ) => object
  AddonGrammarEvaluationState: new (model: NativeModel, grammar: object) => GrammarState
  AddonJinjaRenderer: new (template: string) => { render(values: Record<string, unknown>): string }
}

export async function loadNative(options: LoadOptions): Promise<Native> {
  const llama = await getLlama({
    gpu: options.gpu,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    logLevel: LlamaLogLevel.error,
    maxThreads: options.threads,
  })
  const model = await llama.loadModel({
    modelPath: options.path,
    ...(options.gpuLayers === null ? {} : { gpuLayers: options.gpuLayers }),
  })
  const context = await model.createContext({
    sequences: options.sequences,
    contextSize: options.contextSize,
    threads: options.threads,
  })
  const { bindings, nativeModel, nativeContext } = openInternals(llama, model, context)
  nativeContext.setThreads(options.threads)
  const templates = new Map<string, InstanceType<Bindings['AddonJinjaRenderer']>>()
  return {
    model: nativeModel,
    context: nativeContext,
    contextSize: context.contextSize,
    sequences: options.sequences,
    batchSize: context.batchSize,
    tokenCount: options.tokenCount,
    bosToken: model.tokens.bos ?? -1,
    eosToken: model.tokens.eos ?? -1,
    prependBos: model.tokens.shouldPrependBosToken,
    createSampler: () => new bindings.AddonSampler(nativeModel),
    compileGrammar(text) {
      const grammar = new bindings.AddonGrammar(text, {
        addonExports: bindings,
        rootRuleName: 'root',
      })
      return () => new bindings.AddonGrammarEvaluationState(nativeModel, grammar)
    },
    renderTemplate(template, values) {
      let renderer = templates.get(template)
      if (!renderer) {
        renderer = new bindings.AddonJinjaRenderer(template)
        templates.set(template, renderer)
      }
      return renderer.render(values)
    },
    async embedder() {
      const embedding = await model.createEmbeddingContext({
        contextSize: options.contextSize,
        threads: options.threads,
      })
      return {
        countTokens: (text) => embedding.calculateInputLength(text),
        embed: async (text) => Float32Array.from((await embedding.getEmbeddingFor(text)).vector),
      }
    },
  }
}

const contextFunctions = [
  'initBatch',
  'addToBatch',
  'decodeBatch',
  'sampleToken',
  'removeTokenCellsFromSequence',
  'disposeSequence',
  'setThreads',
] as const

/** Reaches the binding under the library's objects; fails loudly when another version moved it. */
function openInternals(llama: object, model: object, context: object) {
  const bindings = (llama as { _bindings?: Bindings })._bindings
  const nativeModel = (model as { _model?: NativeModel })._model
  const nativeContext = (context as { _ctx?: NativeContext })._ctx
  const usable =
    bindings?.AddonSampler &&
    bindings.AddonGrammar &&
    bindings.AddonGrammarEvaluationState &&
    bindings.AddonJinjaRenderer &&
    nativeModel &&
    nativeContext &&
    contextFunctions.every((name) => typeof nativeContext[name] === 'function')
  if (!usable) throw new Error('This version of node-llama-cpp has another binding than 3.22.1.')
  return { bindings, nativeModel, nativeContext }
}
