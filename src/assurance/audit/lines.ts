/**
 * The lines of an export as they come in. Only a line feed ends one: U+2028, at which readers of text (Node's
 * `readline` too) would end another, may stand in a record. Nothing that needs Node.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  // A mark of the byte order is a change like any other, so it is not passed over.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop()!
    yield* lines
  }
  yield rest + decoder.decode()
}
