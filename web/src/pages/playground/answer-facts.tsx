import type { CallReport } from '../../api/chat.ts'
import {
  formatCount,
  formatEuros,
  formatGrams,
  formatJoules,
  formatMilliseconds,
  formatRate,
} from '../../format/numbers.ts'
import { t } from '../../texts/translate.ts'
import { Sourced, sourcedText } from '../../ui/sourced.tsx'
import type { Turn } from './conversation.ts'

/** What one answer took: tokens, time, energy, money; each figure leads to its booking. */
export function AnswerFacts({ turn: { usage, report, finishReason } }: { turn: Turn }) {
  if (!usage && !report) return null
  const entry = report ? `/usage/entries?call=${encodeURIComponent(report.call_id)}` : undefined
  const cached = usage?.prompt_tokens_details?.cached_tokens ?? 0
  const counts = {
    in: formatCount(usage?.prompt_tokens ?? 0),
    out: formatCount(usage?.completion_tokens ?? 0),
  }
  return (
    <ul
      aria-label={t('What this answer took')}
      className="tabular mt-2.5 flex flex-wrap items-center gap-x-3.5 gap-y-1 text-xs text-ink-3"
    >
      {usage && (
        <li>
          {cached > 0
            ? t('{in} in ({cached} cached), {out} out', { ...counts, cached: formatCount(cached) })
            : t('{in} in, {out} out', counts)}
        </li>
      )}
      {report && (
        <>
          <li>
            {formatMilliseconds(report.run_ms)}
            {report.first_token_ms !== null &&
              `, ${t('first token {time}', { time: formatMilliseconds(report.first_token_ms) })}`}
          </li>
          {usage && <Speed tokens={usage.completion_tokens} report={report} />}
          <li>
            <Sourced
              value={report.joules}
              format={formatJoules}
              source={report.joules_source}
              to={entry}
              className="text-ink-2"
            />
          </li>
          <li>
            {sourcedText(report.euros, report.joules_source, formatEuros)},{' '}
            {sourcedText(report.grams_co2e, report.joules_source, formatGrams)} CO₂e
          </li>
        </>
      )}
      {finishReason === 'length' && (
        <li className="text-energy-ink">{t('stopped at max tokens')}</li>
      )}
    </ul>
  )
}

/** Tokens per second after the first one, so that loading and reading the prompt do not count. */
function Speed({ tokens, report }: { tokens: number; report: CallReport }) {
  const seconds = (report.run_ms - (report.first_token_ms ?? 0)) / 1000
  if (tokens < 2 || seconds <= 0) return null
  return <li>{t('{rate} tokens/s', { rate: formatRate((tokens - 1) / seconds) })}</li>
}
