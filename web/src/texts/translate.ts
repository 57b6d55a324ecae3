import { IntlMessageFormat } from 'intl-messageformat'
import { type ArgumentOf, catalogue, type Text } from './catalogue.ts'
import { currentLanguage, perLanguage } from './language.ts'

/** What a text needs for its arguments; nothing where it has none. */
export type Values<T extends string, Value> = [ArgumentOf<T>] extends [never]
  ? []
  : [values: Record<ArgumentOf<T>, Value>]

/** Parsed texts: parsing takes much longer than formatting, and tables say the same in each row. */
const parsed = perLanguage((locale) => ({ locale, messages: new Map<Text, IntlMessageFormat>() }))

export function messageOf(text: Text): IntlMessageFormat {
  const { locale, messages } = parsed()
  const known = messages.get(text)
  if (known) return known
  const language = currentLanguage()
  const message = new IntlMessageFormat(
    language === 'en' ? text : catalogue[text][language],
    locale,
  )
  messages.set(text, message)
  return message
}

/**
 * A text of the catalogue in the language of the moment. It is looked up when it is called: call it
 * while rendering, never when a module loads.
 */
export function t<T extends Text>(text: T, ...values: Values<T, string | number>): string {
  return messageOf(text).format(values[0] as Record<string, string | number>) as string
}
