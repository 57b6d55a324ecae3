import { access } from './access.ts'
import { audit } from './audit.ts'
import { common } from './common.ts'
import { documents } from './documents.ts'
import { egress } from './egress.ts'
import { imports } from './imports.ts'
import { models } from './models.ts'
import { overview } from './overview.ts'
import { playground } from './playground.ts'
import { settings } from './settings.ts'
import { shell } from './shell.ts'
import { usage } from './usage.ts'
import { words } from './words.ts'

/** Every text of the console: the English one, and what it is in the other languages. */
export const catalogue = {
  ...common,
  ...words,
  ...shell,
  ...overview,
  ...playground,
  ...documents,
  ...models,
  ...imports,
  ...usage,
  ...audit,
  ...egress,
  ...access,
  ...settings,
}

export type Text = keyof typeof catalogue

/** The names a text has between braces: `a {x} and {n, plural, one {# b} other {# bs}}` has x and n. */
export type ArgumentOf<T extends string> = T extends `${string}{${infer Inner}}${infer Rest}`
  ?
      | (Inner extends `${infer Name}, ${string}`
          ? Name
          : Inner extends `${string} ${string}`
            ? never
            : Inner)
      | ArgumentOf<Rest>
  : never

/** Texts that stand by themselves, such as headings and the names of choices. */
export type PlainText = {
  [T in Text]: [ArgumentOf<T>] extends [never] ? T : never
}[Text]
