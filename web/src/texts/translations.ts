/** Texts by what they are in English. Written in ICU MessageFormat, with ’ for an apostrophe. */
export type Translations = Record<string, { fr: string; de: string }>
