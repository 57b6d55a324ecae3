/** Bytes in pieces of a size, as a network may cut them. */
export function* chunked(bytes: Buffer, sizeBytes: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += Math.max(1, sizeBytes)) {
    yield bytes.subarray(at, at + Math.max(1, sizeBytes))
  }
}
