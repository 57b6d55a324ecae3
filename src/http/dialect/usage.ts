/** Usage as both dialects write it, and what only Bastide can say of a call. */
import type { EngineUsage } from '../../engines/contract.ts'
import type { Receipt } from '../../inference/door.ts'

export function usageBody(usages: readonly EngineUsage[]) {
  const sum = (field: 'inputTokens' | 'outputTokens' | 'cachedTokens') =>
    usages.reduce((total, usage) => total + usage[field], 0)
  const [prompt, completion] = [sum('inputTokens'), sum('outputTokens')]
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: sum('cachedTokens') },
  }
}

/** What ends an answer: usage as soon as the engine has stated it, the rest once all is booked. */
export function accountBody(
  choices: readonly { usage: EngineUsage | null; receipt: Receipt | null }[],
) {
  const usages = choices.flatMap((choice) => choice.usage ?? [])
  const receipts = choices.flatMap((choice) => choice.receipt ?? [])
  return {
    ...(usages.length === choices.length && { usage: usageBody(usages) }),
    ...(receipts.length === choices.length && { bastide: receiptBody(receipts) }),
  }
}

/** Time, energy and cost of an answer, with the number its ledger entry and audit record are found by. */
export function receiptBody(receipts: readonly Receipt[]) {
  const first = receipts[0]!
  const known = receipts.filter((one) => one.cost.joules !== null)
  const sum = (value: (receipt: Receipt) => number) =>
    receipts.reduce((total, receipt) => total + value(receipt), 0)
  return {
    call_id: first.callId,
    model_package: first.packageHash,
    queue_ms: Math.max(...receipts.map((one) => one.queueMs)),
    run_ms: Math.max(...receipts.map((one) => one.runMs)),
    first_token_ms: first.firstTokenMs,
    joules: known.length > 0 ? sum((one) => one.cost.joules ?? 0) : null,
    joules_source: known[0]?.cost.joulesSource ?? null,
    grams_co2e: known.length > 0 ? sum((one) => one.cost.gramsCo2e ?? 0) : null,
    euros: sum((one) => one.cost.euros),
  }
}
