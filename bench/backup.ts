/**
 * A backup of a 1 GB installation that goes on answering, and its restore, against `tar` piped through
 * OpenSSL's AES over the same folder, which gives no consistent state and no key of one's own.
 */
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand, startProgram } from '../tests/running-program.ts'
import { importTinyModels } from '../tests/tiny-llama.ts'
import { type Figure, figure } from './figures.ts'
import type { BenchOptions } from './main.ts'

const fileMegabytes = 16
const megabyte = 2 ** 20

export async function benchBackup(options: BenchOptions): Promise<Figure[]> {
  const megabytes = options.quick ? 128 : 1024
  const work = mkdtempSync(join(options.data ?? tmpdir(), 'bastide-bench-'))
  try {
    const program = await startProgram({ folder: join(work, 'from') })
    try {
      await importTinyModels(program)
      for (let stored = 0; stored < megabytes; stored += fileMegabytes) {
        const form = new FormData()
        form.set('purpose', 'user_data')
        form.set('file', new File([randomBytes(fileMegabytes * megabyte)], 'random.bin'))
        const answer = await fetch(new URL('/v1/files', program.url), {
          method: 'POST',
          headers: { authorization: `Bearer ${program.key}` },
          body: form,
        })
        if (!answer.ok) throw new Error(await answer.text())
      }
      options.progress(`${megabytes} MB stored`)
      return await measure(work, program, options)
    } finally {
      await program[Symbol.asyncDispose]()
    }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

type Program = Awaited<ReturnType<typeof startProgram>>

async function measure(work: string, program: Program, options: BenchOptions): Promise<Figure[]> {
  const [ours, rival, restored]: [number[], number[], number[]] = [[], [], []]
  const file = join(work, 'backup')
  for (let round = 1; round <= (options.quick ? 1 : 3); round++) {
    rmSync(file, { force: true })
    ours.push(await timed(() => checked(program.command('backup', file))))
    rival.push(await timed(async () => tarWithOpenssl(join(work, 'from'), join(work, 'tar'))))
    const to = join(work, 'to')
    const masterKey = join(work, 'from', 'master.key')
    restored.push(
      await timed(() =>
        checked(runCommand(['restore', file, '--data', to, '--master-key', masterKey])),
      ),
    )
    rmSync(to, { recursive: true })
    options.progress(
      `round ${round}: backup ${ours.at(-1)!.toFixed(1)} s, tar and openssl ${rival.at(-1)!.toFixed(1)} s, restore ${restored.at(-1)!.toFixed(1)} s`,
    )
  }
  return [
    figure('backup_file_mb', 'MB', [statSync(file).size / megabyte]),
    figure('backup_seconds', 's', ours),
    figure('tar_openssl_seconds', 's', rival),
    figure(
      'ratio_backup',
      'x',
      ours.map((one, round) => one / rival[round]!),
    ),
    figure('restore_seconds', 's', restored),
  ]
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return (performance.now() - startedAt) / 1000
}

async function checked(command: Promise<{ code: number; errors: string }>): Promise<void> {
  const { code, errors } = await command
  if (code !== 0) throw new Error(errors)
}

function tarWithOpenssl(folder: string, file: string): void {
  const command = 'tar -cf - -C "$1" . | openssl enc -aes-256-ctr -pass pass:bench -pbkdf2 > "$2"'
  const { status, stderr } = spawnSync('bash', ['-c', command, '', folder, file])
  if (status !== 0) throw new Error(String(stderr))
}
