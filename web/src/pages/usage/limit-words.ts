import type { Limit } from '../../api/usage.ts'
import { formatCompact, formatEuros, formatJoules } from '../../format/numbers.ts'
import type { PlainText } from '../../texts/catalogue.ts'
import { t } from '../../texts/translate.ts'

/** An amount with its unit. */
export const formats: Record<Limit['metric'], (value: number) => string> = {
  requests: (value) => t('{amount} requests', { amount: formatCompact(value) }),
  tokens: (value) => t('{amount} tokens', { amount: formatCompact(value) }),
  euros: formatEuros,
  joules: formatJoules,
}

export const spans: Record<Limit['window'], PlainText> = {
  minute: 'per minute',
  hour: 'per hour',
  day: 'per day',
  month: 'per month',
  total: 'in total',
}
