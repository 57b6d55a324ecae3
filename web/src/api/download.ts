import { send } from './client.ts'
import type { Call } from './queries.ts'

/**
 * Makes a call whose answer is a file and hands that to the browser as a download. Large answers are the
 * browser's to keep: a blob is put on disk where memory is short. `onProgress` gets the share, 0 to 1.
 */
export async function download(
  { path, ...options }: Call,
  fileName: string,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const response = await send(path, { ...options, signal })
  const expected = Number(response.headers.get('x-estimated-bytes'))
  let bytes = 0
  const counted = response.body!.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.byteLength
        if (expected > 0) onProgress(Math.min(1, bytes / expected))
        controller.enqueue(chunk)
      },
    }),
  )
  const address = URL.createObjectURL(await new Response(counted).blob())
  const link = document.createElement('a')
  link.href = address
  link.download = fileName
  link.click()
  // The download has its own hold on the bytes, but takes it a moment later.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
