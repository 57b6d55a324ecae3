/** `bastide forge …`: the commands and their options; what they do is loaded when one is run. */
import { type Command, Option } from 'commander'
import { jsonOption } from './common-options.ts'

export function addForgeCommands(program: Command): void {
  const forge = program.command('forge').description('specialist models from your own data')
  forge
    .command('train')
    .description('make a specialist from labelled examples; needs no server')
    .requiredOption('--name <alias>', 'what it is called')
    .addOption(
      new Option('--task <task>', 'what it does')
        .choices(['classify', 'tag', 'match'])
        .default('classify'),
    )
    .requiredOption(
      '--data <file>',
      'examples to learn from: CSV, TSV, JSON, JSON lines, Parquet, CoNLL',
    )
    .option('--valid <file>', 'examples to measure on as well')
    .option('--test <file>', 'examples to measure on, once, at the end')
    .option('--text <column>', 'column with the text (default: by name)')
    .option('--label <column>', 'column with the label (default: by name)')
    .option('--left <column>', 'match: column with one side (default: left, or left_…)')
    .option('--right <column>', 'match: column with the other side (default: right, or right_…)')
    .option('--budget-s <seconds>', 'processor time for choosing settings', '30')
    .option('--seed <number>', 'for what is chosen at random', '1')
    .option('--to <folder>', 'where packages lie (default: forge in the data folder)')
    .addOption(jsonOption())
    .action(async (options) => (await import('./forge.ts')).train(options))
  forge
    .command('evaluate')
    .description('measure a specialist on labelled examples')
    .argument('<alias>')
    .requiredOption('--data <file>', 'examples')
    .option('--text <column>', 'column with the text (default: by name)')
    .option('--label <column>', 'column with the label (default: by name)')
    .option('--to <folder>', 'where packages lie (default: forge in the data folder)')
    .addOption(jsonOption())
    .action(async (alias, options) => (await import('./forge.ts')).evaluate(alias, options))
  forge
    .command('predict')
    .description('answer texts, a line each, from standard input; prints JSON lines')
    .argument('<alias>')
    .option('--top <n>', 'labels per text', '5')
    .option('--to <folder>', 'where packages lie (default: forge in the data folder)')
    .action(async (alias, options) => (await import('./forge.ts')).predict(alias, options))
  forge
    .command('list')
    .description('list specialists made here')
    .option('--to <folder>', 'where packages lie (default: forge in the data folder)')
    .addOption(jsonOption())
    .action(async (options) => (await import('./forge.ts')).list(options))
  forge
    .command('show')
    .description('show how a specialist was made and how good it is')
    .argument('<alias>')
    .option('--to <folder>', 'where packages lie (default: forge in the data folder)')
    .addOption(jsonOption())
    .action(async (alias, options) => (await import('./forge.ts')).show(alias, options))
}
