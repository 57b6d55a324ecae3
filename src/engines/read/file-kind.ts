/** What a file is, by its content: the claimed type is not believed. */
export type FileKind = 'pdf' | 'png' | 'jpeg' | 'tiff' | 'webp'

export function fileKindOf(bytes: Uint8Array): FileKind | null {
  const begins = (text: string, at = 0) => hasText(bytes, text, at)
  if (begins('\x89PNG\r\n\x1a\n')) return 'png'
  if (begins('\xff\xd8\xff')) return 'jpeg'
  if (begins('II*\0') || begins('MM\0*') || begins('II+\0') || begins('MM\0+')) return 'tiff'
  if (begins('RIFF') && begins('WEBP', 8)) return 'webp'
  // PDF readers accept leading bytes; the specification's note says within the first 1024.
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1024))
  return head.includes('%PDF-') ? 'pdf' : null
}

function hasText(bytes: Uint8Array, text: string, at: number): boolean {
  for (let i = 0; i < text.length; i++) {
    if (bytes[at + i] !== text.charCodeAt(i)) return false
  }
  return true
}
