/** What texts have in common that say the same in the same words. */
import { normalised, wordsOf } from '../../models/specialist/ngrams.ts'

/** Their words, whatever case, spaces and punctuation. */
export const essence = (text: string) =>
  wordsOf(normalised(text))
    .filter((word) => /[\p{L}\p{N}]/u.test(word))
    .join(' ')
