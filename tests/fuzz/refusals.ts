/** The oracle of parsers: a value, or a refusal that the program declares. Anything else is a bug. */
import { AppError, type FailureCode } from '../../src/errors.ts'
import { outcomeOf } from './target.ts'

/** What happened, where `taken` says that of a value; a refusal by another code is thrown on. */
export async function takenOrRefused(
  codes: readonly FailureCode[],
  taken: () => Promise<string>,
): Promise<string> {
  try {
    return await taken()
  } catch (error) {
    if (error instanceof AppError && codes.includes(error.code)) return outcomeOf(error.message)
    throw error
  }
}
