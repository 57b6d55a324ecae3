/** The thread the embedded database lives on; PGlite runs its queries synchronously. */
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'

const { folder, socketPath } = workerData as { folder: string; socketPath: string | null }
const port = parentPort!

try {
  const db = await PGlite.create(folder)
  const server = socketPath
    ? new PGLiteSocketServer({ db, path: socketPath, maxConnections: 200 })
    : null
  await server?.start()
  port.on('message', async () => {
    await server?.stop()
    await db.close()
    port.close()
  })
  port.postMessage({ ready: true })
} catch (error) {
  port.postMessage({ error: error instanceof Error ? error.message : String(error) })
  port.close()
}
