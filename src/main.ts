/** The program's entry: the command line. */
import { runCommandLine } from './cli/command-line.ts'

// Whoever reads the output, such as `head`, may leave before its end: the exit code still tells.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

process.exitCode = await runCommandLine(process.argv)
