import { t } from './translate.ts'
import { words } from './words.ts'

/** A word the server answers with, as a reader says it; one the console does not know, as it is. */
export function apiWord(word: string): string {
  return Object.hasOwn(words, word) ? t(word as keyof typeof words) : word
}
