/** A source as people fill it in, part by part, and as the API takes it: one text. */
export interface SourceParts {
  kind: 'hf' | 'oci'
  /** ORGANISATION/REPOSITORY at Hugging Face, HOST/NAME in a registry. */
  place: string
  /** Which file of several; Hugging Face only. */
  file: string
  /** Branch, tag or commit; tag or digest. */
  revision: string
}

export function sourceText({ kind, place, file, revision }: SourceParts): string {
  const [where, name, version] = [place.trim(), file.trim(), revision.trim()]
  if (kind === 'hf') return `hf:${where}${name && `/${name}`}${version && `@${version}`}`
  const mark = version.startsWith('sha256:') ? '@' : ':'
  return `oci:${where}${version && `${mark}${version}`}`
}

export function sourceParts(text: string): SourceParts {
  const hf = /^hf:([^/@]+\/[^/@]+)(?:\/([^@]+))?(?:@(.+))?$/.exec(text)
  if (hf) return { kind: 'hf', place: hf[1]!, file: hf[2] ?? '', revision: hf[3] ?? '' }
  const oci = /^oci:(.+?)(?:@(sha256:.+)|:([^:/]+))?$/.exec(text)
  return { kind: 'oci', place: oci?.[1] ?? '', file: '', revision: oci?.[2] ?? oci?.[3] ?? '' }
}

/** The server an import asks first, which an egress rule must name. */
export function hostOf({ kind, place }: SourceParts): string {
  if (kind === 'hf') return 'huggingface.co'
  const host = place.split('/')[0]!.trim()
  return host === 'docker.io' ? 'registry-1.docker.io' : host
}
