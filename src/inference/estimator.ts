/** What a call may use, guessed before it runs so that budgets can be reserved. */
import type { Estimate } from '../access/budgets.ts'
import type { Cost } from '../compute/ledger/cost.ts'
import type { EngineRequest, EngineUsage } from '../engines/contract.ts'
import type { ModelPackage } from '../models/registry.ts'

/** UTF-8 bytes per token is about 4 for European languages; 3 errs on the safe side. */
const charactersPerToken = 3
const outputTokensAssumed = 1_024

interface Learnt {
  joulesPerUnit: number
  eurosPerUnit: number
}

export function createEstimator() {
  // A moving average per package of what a unit (a token, or a page) has cost.
  const learnt = new Map<string, Learnt>()

  return {
    estimate(model: ModelPackage, request: EngineRequest): Estimate {
      const tokens = estimateTokens(request)
      const units = request.task === 'read' ? (request.pages?.length ?? 1) : tokens
      const known = learnt.get(model.hash)
      const { inputEurosPerMillionTokens = 0, outputEurosPerMillionTokens = 0 } =
        model.manifest.price
      const dearest = Math.max(inputEurosPerMillionTokens, outputEurosPerMillionTokens)
      return {
        tokens,
        joules: (known?.joulesPerUnit ?? 0) * units,
        euros: Math.max((known?.eurosPerUnit ?? 0) * units, (dearest * tokens) / 1e6),
      }
    },

    learn(model: ModelPackage, usage: EngineUsage, cost: Cost): void {
      const units = usage.pages || usage.inputTokens + usage.outputTokens
      if (units === 0) return
      const now = { joulesPerUnit: (cost.joules ?? 0) / units, eurosPerUnit: cost.euros / units }
      const before = learnt.get(model.hash) ?? now
      learnt.set(model.hash, {
        joulesPerUnit: 0.9 * before.joulesPerUnit + 0.1 * now.joulesPerUnit,
        eurosPerUnit: 0.9 * before.eurosPerUnit + 0.1 * now.eurosPerUnit,
      })
    },
  }
}

/** Input by length, output by the caller's own bound where there is one. */
function estimateTokens(request: EngineRequest): number {
  if (request.task === 'embed') {
    return sum(request.inputs.map((text) => text.length)) / charactersPerToken
  }
  if (request.task === 'classify' || request.task === 'tag') {
    return sum(request.texts.map((text) => text.length)) / charactersPerToken
  }
  if (request.task === 'match') return JSON.stringify(request.pairs).length / charactersPerToken
  if (request.task !== 'generate') return 0
  return (
    Math.ceil(inputCharacters(request) / charactersPerToken) +
    (request.maxTokens ?? outputTokensAssumed)
  )
}

function inputCharacters(request: Extract<EngineRequest, { task: 'generate' }>): number {
  const { input } = request
  if (input.type === 'text') return input.prompt.length
  if (input.type === 'fill') return input.prefix.length + input.suffix.length
  return sum(
    input.messages.map((message) =>
      typeof message.content === 'string'
        ? message.content.length
        : sum(message.content.map((part) => (part.type === 'text' ? part.text.length : 0))),
    ),
  )
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
