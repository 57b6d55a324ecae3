/** The program's entry: the command line. */
import { runCommandLine } from './cli/command-line.ts'

process.exitCode = await runCommandLine(process.argv)
