/** Verifies an exported audit chain with Node's crypto. */
import { createHash } from 'node:crypto'
import { readPublicKey } from '../signing.ts'
import { checkTimestamp } from './timestamp.ts'
import type { VerifierTools } from './verifier-tools.ts'
import type { Independent } from './verify-anchors.ts'
import { nothingIndependent } from './verify-anchors.ts'
import { type Verification, walkExport } from './walk.ts'

export type { Verification } from './walk.ts'

const nodeTools: VerifierTools = {
  sha256(...parts) {
    const hash = createHash('sha256')
    for (const part of parts) hash.update(part)
    return hash.digest()
  },
  readPublicKey,
  checkTimestamp,
}

/** Walks the lines once. `publicKeyText` should come from a source other than the file. */
export function verifyExport(
  lines: AsyncIterable<string>,
  publicKeyText: string | null,
  independent: Independent = nothingIndependent,
): Promise<Verification> {
  return walkExport(lines, publicKeyText, independent, nodeTools)
}
