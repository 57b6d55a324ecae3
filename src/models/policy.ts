/** Which packages may be loaded. Checked at every load, so that a stricter setting takes effect. */
import type { Config } from '../config.ts'
import type { Manifest } from './manifest.ts'
import type { Signer } from './signatures.ts'

export type LoadPolicy = Pick<
  Config,
  'importPolicy' | 'allowedLicences' | 'allowedOrigins' | 'allowedFormats'
>

/** Why the policy forbids a package, or null when it may be loaded. */
export function policyRefusal(
  manifest: Manifest,
  signer: Signer | null,
  policy: LoadPolicy,
): string | null {
  if (policy.importPolicy === 'own-only' && !signer?.own) {
    return "it is not signed with this installation's key (policy own-only)"
  }
  if (policy.importPolicy === 'listed-signers' && !signer) {
    return 'no listed signer has signed it (policy listed-signers)'
  }
  const { licence, origin } = manifest.card
  if (!isListed(policy.allowedLicences, licence)) {
    return `its licence "${licence}" is not among ${policy.allowedLicences}`
  }
  if (!isListed(policy.allowedOrigins, origin.country)) {
    return `its origin "${origin.country}" is not among ${policy.allowedOrigins}`
  }
  const refused = manifest.files.find((file) => !isListed(policy.allowedFormats, file.format))
  if (refused) {
    return `its file ${refused.path} is in the format "${refused.format}", not among ${policy.allowedFormats}`
  }
  return null
}

function isListed(list: string, value: string): boolean {
  if (list.trim() === '*') return true
  return list
    .split(',')
    .map((item) => item.trim().toLowerCase())
    .includes(value.toLowerCase())
}
