/** The command line: names, help and options. Each command's work is in a file of its own. */
import { Command, CommanderError } from 'commander'
import { AppError, toAppError } from '../errors.ts'
import { dataOption, jsonOption } from './common-options.ts'
import { addForgeCommands } from './forge-commands.ts'
import { addModelCommands } from './model-commands.ts'

/** Exit codes: 0 done, 1 failed, 2 wrong use or unreadable input, 3 tampered, 4 nothing running. */
export type ExitCode = 0 | 1 | 2 | 3 | 4

/** Commands set this instead of ending the process, so that output is flushed. */
let exitCode: ExitCode = 0

export function setExitCode(code: ExitCode): void {
  exitCode = code
}

export async function runCommandLine(argv: string[]): Promise<ExitCode> {
  const program = new Command('bastide')
    .description('The full AI stack that stays inside your walls.')
    .exitOverride()
    .showHelpAfterError('(add --help for what is possible)')
    .configureHelp({ showGlobalOptions: true })
  addServerCommands(program)
  addClientCommands(program)
  addAuditCommands(program)
  addModelCommands(program)
  addForgeCommands(program)
  for (const [name, description] of [
    ['test', 'install what testing needs and run every check'],
    ['bench', 'install what testing needs and measure this machine: ./bastide bench --help'],
    ['gpu', 'fetch the GPU build of llama.cpp: ./bastide gpu cuda, or vulkan'],
  ] as const) {
    program
      .command(name)
      .description(description)
      .action(() => {
        throw new AppError('invalid_request', `Run this as ./bastide ${name}.`)
      })
  }
  try {
    await program.parseAsync(argv.length > 2 ? argv : [...argv, 'help'])
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    return reportFailure(error)
  }
  return exitCode
}

function reportFailure(error: unknown): ExitCode {
  const known = toAppError(error)
  process.stderr.write(`bastide: ${known.message}\n`)
  if (known.code === 'internal') {
    const cause = known.cause instanceof Error ? known.cause.stack : String(known.cause)
    process.stderr.write(`${cause}\n`)
  }
  return known.code === 'invalid_request' || known.code === 'unreadable_file' ? 2 : 1
}

function addServerCommands(program: Command): void {
  program
    .command('up')
    .description('install, start the server and print the address and, once, the first admin key')
    .option('--port <n>', 'port to listen on (default: 8080, or BASTIDE_PORT)')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--detach', 'run in the background; logs go to DATA/server.log')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (options) => (await import('./up.ts')).up(options))
  program
    .command('stop')
    .description('stop the server of a data folder, letting its work end')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (options) => (await import('./stop.ts')).stop(options))
  program
    .command('worker')
    .description(
      'take durable jobs from the same PostgreSQL on another machine (needs DATABASE_URL)',
    )
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (options) => (await import('./worker.ts')).worker(options))
  program
    .command('backup')
    .description('write the whole running installation to one encrypted file')
    .argument('<file>')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (file, options) => (await import('./backup.ts')).backup(file, options))
  program
    .command('restore')
    .description(
      'put a backup into an empty data folder, or into the empty database of DATABASE_URL',
    )
    .argument('<file>')
    .option('--master-key <file>', 'master.key of the installation the backup was made of')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (file, options) => (await import('./backup.ts')).restore(file, options))
  program
    .command('doctor')
    .description('check this machine, the data folder and the server')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (options) => (await import('./doctor.ts')).doctor(options))
  program
    .command('config')
    .description('print every setting, its value and where it came from')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (options) => (await import('./config.ts')).printConfig(options))
}

function addClientCommands(program: Command): void {
  const key = program.command('key').description('keys of the workspace')
  key
    .command('create')
    .description('make a key; its secret is printed once')
    .argument('<name>')
    .option('--role <role>', 'owner, admin, builder, member or auditor', 'member')
    .option('--scopes <list>', 'permissions, comma-separated, to narrow the role')
    .option('--models <list>', 'aliases the key may call, comma-separated')
    .option('--days <n>', 'expire after this many days')
    .option('--member <id>', 'make it the own key of a member')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (name, options) => (await import('./keys.ts')).createKey(name, options))
  key
    .command('list')
    .description('list keys')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (options) => (await import('./keys.ts')).listKeys(options))
  key
    .command('revoke')
    .description('end a key at once')
    .argument('<id>')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (id, options) => (await import('./keys.ts')).revokeKey(id, options))
  key
    .command('rotate')
    .description('make a key that takes over; the old one works on for a while')
    .argument('<id>')
    .option('--hours <n>', 'how long the old one works on', '24')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (id, options) => (await import('./keys.ts')).rotateKey(id, options))
  const egress = program.command('egress').description('where the server may connect to')
  egress
    .command('list')
    .description('what is allowed, and everything that was ever attempted')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (options) => (await import('./egress.ts')).listEgress(options))
  egress
    .command('allow')
    .description('allow one destination')
    .argument('<host:port>')
    .option('--private', 'it may be a private or loopback address')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (place, options) => (await import('./egress.ts')).allowEgress(place, options))
  egress
    .command('refuse')
    .description('stop allowing a destination')
    .argument('<host:port>')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (place, options) => (await import('./egress.ts')).refuseEgress(place, options))
  const member = program.command('member').description('members of the workspace')
  member
    .command('add')
    .description('add a member')
    .argument('<name>')
    .option('--email <address>')
    .option('--role <role>', 'owner, admin, builder, member or auditor', 'member')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (name, options) => (await import('./members.ts')).addMember(name, options))
  member
    .command('list')
    .description('list members')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (options) => (await import('./members.ts')).listMembers(options))
  member
    .command('change')
    .description("change a member's role, or suspend and reinstate")
    .argument('<id>')
    .option('--role <role>')
    .option('--state <state>', 'active or suspended')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (id, options) => (await import('./members.ts')).changeMember(id, options))
  member
    .command('remove')
    .description('remove a member from the workspace')
    .argument('<id>')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (id, options) => (await import('./members.ts')).removeMember(id, options))
  program
    .command('usage')
    .description('what was used: tokens, seconds, joules, euros')
    .option('--from <date>')
    .option('--to <date>')
    .option('--by <groups>', 'hour, day, model, task, key, member, workspace (up to two)', 'day')
    .option('--organisation', 'of all workspaces, from the home workspace')
    .option('--csv', 'print CSV')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (options) => (await import('./usage.ts')).usage(options))
}

function addAuditCommands(program: Command): void {
  addWorkspaceCommands(program)
  const audit = program.command('audit').description('the tamper-evident log')
  audit
    .command('export')
    .description('write the chain to a file')
    .requiredOption('--out <file>')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (options) => (await import('./audit.ts')).exportAudit(options))
  audit
    .command('verify')
    .description('verify an exported chain offline: exit 0 intact, 3 tampered, 2 unreadable')
    .argument('<file>')
    .option('--key <file>', "the installation's public key, kept apart from the export")
    .option('--witness <file...>', 'public keys of second persons: each must have countersigned')
    .option(
      '--authority <pem...>',
      'certificates of time-stamping authorities: one must have vouched',
    )
    .option('--anchors <path>', 'checkpoints written down elsewhere: a folder, or a receipt')
    .addOption(jsonOption())
    .action(async (file, options) => (await import('./audit.ts')).verifyAudit(file, options))
  audit
    .command('countersign')
    .description("sign the chain's head with a second person's key, which stays on this machine")
    .requiredOption('--key <file>', 'Ed25519 private key (PEM): openssl genpkey -algorithm ed25519')
    .option('--receipt <file>', 'write the checkpoint here, to verify against later')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (options) => (await import('./audit.ts')).countersign(options))
  audit
    .command('anchor')
    .description("write the chain's head to the set folder and have it time-stamped, now")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (options) => (await import('./audit.ts')).anchor(options))
  audit
    .command('status')
    .description('head of the chain, last checkpoint and public key')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (options) => (await import('./audit.ts')).auditStatus(options))
}

function addWorkspaceCommands(program: Command): void {
  const workspace = program.command('workspace').description('workspaces of the organisation')
  workspace
    .command('list')
    .description('list workspaces')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (options) => (await import('./workspaces.ts')).listWorkspaces(options))
  workspace
    .command('create')
    .description('make a workspace; the secret of its owner key is printed once')
    .argument('<name>')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (name, options) =>
      (await import('./workspaces.ts')).createWorkspace(name, options),
    )
  workspace
    .command('erase')
    .description('erase a workspace for good, by destroying its keys')
    .argument('<id>')
    .requiredOption('--confirm <name>', 'the exact name of the workspace')
    .requiredOption('--out <file>', 'where the signed certificate is written')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (id, options) => (await import('./workspaces.ts')).eraseWorkspace(id, options))
  workspace
    .command('certificate')
    .description('verify a certificate of erasure offline: exit 0 holds, 3 not, 2 unreadable')
    .argument('<file>')
    .option('--key <file>', "the installation's public key, kept apart from the certificate")
    .addOption(jsonOption())
    .action(async (file, options) =>
      (await import('./workspaces.ts')).verifyCertificate(file, options),
    )
}
