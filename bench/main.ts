/** `./bastide bench NAME`: runs one benchmark, prints its figures, with --json as the last line. */
import { cpus, totalmem } from 'node:os'
import { Command, Option } from 'commander'
import { type Figure, figuresJson, printFigures } from './figures.ts'

export interface BenchOptions {
  /** Folder for the data of the programs under test; a temporary one by default. */
  data: string | undefined
  /** One part of the benchmark by name; all where undefined. */
  part: string | undefined
  /** Shorter runs, to see that it works; the figures are then rough. */
  quick: boolean
  /** What goes on, for people; nothing with --json. */
  progress(line: string): void
}

type Bench = (options: BenchOptions) => Promise<Figure[]>

const benches: Record<string, { about: string; load(): Promise<Bench> }> = {
  backup: {
    about: 'backup and restore of a 1 GB installation, against tar and openssl',
    load: async () => (await import('./backup.ts')).benchBackup,
  },
  endurance: {
    about: '500 kills under load, a 30-minute soak, 200 slow readers, fairness between workspaces',
    load: async () => (await import('./endurance/endurance.ts')).benchEndurance,
  },
  forge: {
    about: 'specialists on public data: quality, training time and speed, against baselines',
    load: async () => (await import('./forge/forge.ts')).benchForge,
  },
  gateway: {
    about: 'latency added to a remote model, against @portkey-ai/gateway; saturation; memory',
    load: async () => (await import('./gateway.ts')).benchGateway,
  },
  llm: {
    about: 'tokens/s through the API with 1, 4 and 16 streams, against bare node-llama-cpp',
    load: async () => (await import('./llm.ts')).benchLlm,
  },
  read: {
    about: 'pages/s through /v1/ocr, against bare tesseract.js on the same cores',
    load: async () => (await import('./read.ts')).benchRead,
  },
  start: {
    about: 'first and second start to the first served request, idle memory, installed size',
    load: async () => (await import('./start.ts')).benchStart,
  },
  tensor: {
    about: 'a step of training two models, against PyTorch and TensorFlow.js',
    load: async () => (await import('./tensor/tensor.ts')).benchTensor,
  },
}

const listed = Object.entries(benches).map(([name, { about }]) => `  ${name.padEnd(11)}${about}`)

const program = new Command('bastide bench')
  .description('Measure this machine against a rival, in one run.')
  .argument('<name>', 'which benchmark')
  .addOption(
    new Option(
      '--data <folder>',
      'data folder of the programs (default: temporary); of forge: folder of public sets',
    ),
  )
  .option('--quick', 'short runs; rough figures')
  .option(
    '--part <name>',
    'of gateway: latency, saturation, memory; of endurance: kills, soak, slow, fairness',
  )
  .option('--json', 'the last line is one JSON object of the figures')
  .addHelpText('after', `\nBenchmarks:\n${listed.join('\n')}`)
  .action(
    async (
      name: string,
      options: { data?: string; part?: string; quick?: boolean; json?: boolean },
    ) => {
      const chosen = benches[name]
      if (!chosen) {
        const names = Object.keys(benches).join(', ')
        return program.error(`There is no benchmark "${name}". There are: ${names}.`, {
          exitCode: 2,
        })
      }
      const bench = await chosen.load()
      const figures = await bench({
        data: options.data,
        part: options.part,
        quick: options.quick === true,
        progress: (line) => {
          if (!options.json) console.log(line)
        },
      })
      const machine = `${cpus().length} x ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`
      if (options.json) return console.log(figuresJson(name, figures, machine))
      console.log(`\n${machine}`)
      printFigures(figures)
    },
  )

await program.parseAsync()
process.exit(process.exitCode ?? 0)
