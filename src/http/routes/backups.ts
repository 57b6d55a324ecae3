/** Backups, as one sealed stream. */
import { Readable } from 'node:stream'
import type { Program } from '../../program.ts'
import { type BackupSource, estimateBytes, writeBackup } from '../../store/backup/write.ts'
import { version } from '../../version.ts'
import type { Change } from '../change.ts'
import { type Route, route } from '../route.ts'

export function backupRoutes({ program, change }: { program: Program; change: Change }): Route[] {
  const source = (): BackupSource => ({
    database: program.database,
    stores: program.stores,
    key: program.keyring.backupKey(),
    program: version,
    now: new Date(program.clock.now()),
  })
  return [
    route({
      method: 'POST',
      path: '/v1/backups',
      guard: 'backups:create',
      summary: 'The whole installation as one encrypted file, while it runs',
      tag: 'Operations',
      answers: ['application/octet-stream'],
      handler: async (incoming) => {
        const wanted = source()
        const estimate = await estimateBytes(wanted)
        await change(incoming, 'backup.create', async () => ({
          result: null,
          subject: { kind: 'installation', id: incoming.scope.organisationId },
          details: { estimated_bytes: estimate },
        }))
        const bytes = writeBackup(wanted, incoming.signal)
        return new Response(Readable.toWeb(bytes) as ReadableStream, {
          headers: {
            'content-type': 'application/octet-stream',
            'x-estimated-bytes': String(estimate),
          },
        })
      },
    }),
  ]
}
