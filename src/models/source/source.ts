/**
 * Where a model may be fetched from, as people write it:
 *
 *   hf:ORGANISATION/REPOSITORY[/FILE][@REVISION]     a repository of Hugging Face, or of a mirror
 *   oci:HOST[:PORT]/NAME[:TAG][@sha256:DIGEST]       an artifact of an OCI registry
 *
 * A source is resolved first: to one immutable revision, and to files whose digests it states. What then
 * comes must have these digests, so it may come in pieces, and from whatever server the source points to.
 */
import { AppError } from '../../errors.ts'

export type Source =
  | { kind: 'hf'; repository: string; file: string | null; revision: string }
  | { kind: 'oci'; host: string; repository: string; reference: string }

export interface SourceFile {
  /** Name of the file in the package; no folders. */
  path: string
  url: string
  sha256: string
  /** Null where the source does not say. */
  sizeBytes: number | null
}

export interface ResolvedSource {
  file: SourceFile
  /** The immutable address of what was resolved, which stands in the package's manifest. */
  origin: { url: string; revision: string }
  /** What the source says of itself; a person's word goes before it. */
  card: { licence?: string; maker?: string }
  /** Sent to the source's own server only. */
  authorization: string | null
}

const namePart = String.raw`[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?`
const hfPattern = new RegExp(
  `^hf:(${namePart}/${namePart})(?:/([^@]{1,300}))?(?:@([\\w./-]{1,100}))?$`,
)
const ociName = String.raw`[a-z0-9]+(?:[._-]+[a-z0-9]+)*`
const ociPattern = new RegExp(
  `^oci:([A-Za-z0-9.-]{1,253}(?::\\d{1,5})?|\\[[0-9a-f:]+\\](?::\\d{1,5})?)/(${ociName}(?:/${ociName})*)(?::(\\w[\\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$`,
)

/** Whether a text is meant as a source, not as a path. */
export function isSource(text: string): boolean {
  return /^(hf|oci):/.test(text)
}

export function parseSource(text: string): Source {
  const hf = hfPattern.exec(text)
  if (hf && !hf[2]?.split('/').some((part) => /^\.*$/.test(part))) {
    return { kind: 'hf', repository: hf[1]!, file: hf[2] ?? null, revision: hf[3] ?? 'main' }
  }
  const oci = ociPattern.exec(text)
  if (oci) {
    const [, host, repository, tag, digest] = oci
    return {
      kind: 'oci',
      host: host!,
      repository: repository!,
      reference: digest ?? tag ?? 'latest',
    }
  }
  throw new AppError(
    'invalid_request',
    `"${text.slice(0, 200)}" is no source. Write hf:ORGANISATION/REPOSITORY/FILE@REVISION, or oci:HOST/NAME:TAG.`,
    { param: 'source' },
  )
}

/** The one file that can be run; which one, where there are several, only a person can say. */
export function onlyModelFile<T extends { path: string }>(files: readonly T[], where: string): T {
  const found = files.filter(({ path }) => /\.(gguf|onnx)$/i.test(path))
  if (found.length === 1) return found[0]!
  const names = found.map(({ path }) => path)
  throw new AppError(
    'invalid_request',
    found.length === 0
      ? `${where} holds no .gguf or .onnx file.`
      : `${where} holds several models. Name one of: ${names.slice(0, 30).join(', ')}.`,
    { param: 'source' },
  )
}

/** Some makers split a large model; the parts are no model by themselves. */
export function requireWhole(path: string): void {
  if (!/-\d{5}-of-\d{5}\.gguf$/i.test(path)) return
  throw new AppError(
    'unsupported',
    `${path} is a part of a model that was split. Take one that is a single file, or join the parts with llama.cpp's llama-gguf-split.`,
    { param: 'source' },
  )
}
