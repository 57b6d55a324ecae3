/** `bastide model …`: the commands and their options; what they do is loaded when one is run. */
import type { Command } from 'commander'
import { dataOption, jsonOption } from './common-options.ts'

export function addModelCommands(program: Command): void {
  const model = program.command('model').description('model packages and aliases')
  model
    .command('list')
    .description('list packages')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (options) => (await import('./models.ts')).listModels(options))
  model
    .command('import')
    .description(
      'import a .gguf or .onnx file, a package folder with bastide.json, or from a source:\nhf:ORGANISATION/REPOSITORY[/FILE][@REVISION] or oci:HOST/NAME[:TAG][@sha256:DIGEST]',
    )
    .argument('<path-or-source>')
    .option('--name <name>', 'package name (default: from the file name)')
    .option('--alias <alias>', 'alias to point at it')
    .option('--task <task>', 'generate, embed or tensor')
    .option('--licence <id>', "SPDX identifier (default: the source's word, else unknown)")
    .option('--country <code>', 'where it comes from, ISO 3166')
    .option('--maker <name>', "who made it (default: the source's word, else unknown)")
    .option('--purpose <text>', 'what it is for')
    .option('--sha256 <digest>', 'source: the digest the file must have')
    .option('--endpoint <url>', "source: a mirror to ask instead of the source's own server")
    .option('--secret <name>', 'source: stored secret with a token, or user:password')
    .option('--detach', 'source: do not wait for it')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (path, options) => (await import('./models.ts')).importModel(path, options))
  const quarantine = model.command('quarantine').description('model files that failed a check')
  quarantine
    .command('list')
    .description('what is in quarantine, and why')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (options) => (await import('./model-imports.ts')).listQuarantine(options))
  quarantine
    .command('remove')
    .description('remove such a file for good')
    .argument('<id>')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (id, options) =>
      (await import('./model-imports.ts')).removeQuarantined(id, options),
    )
  model
    .command('remote')
    .description('register a model behind an OpenAI-compatible server (needs an egress rule)')
    .argument('<name>')
    .requiredOption('--url <baseUrl>', 'base URL, e.g. http://10.0.0.5:8000/v1')
    .requiredOption('--model <id>', "the server's own name of the model")
    .option('--secret <name>', 'name of the stored secret with its API key')
    .option('--task <task>', 'generate or embed', 'generate')
    .option('--concurrency <calls>', 'calls it serves at once; what is more waits its turn (64)')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (name, options) => (await import('./models.ts')).addRemote(name, options))
  model
    .command('alias')
    .description('point an alias at a package')
    .argument('<alias>')
    .argument('<package>', 'alias or package hash')
    .option('--note <text>')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (alias, target, options) =>
      (await import('./models.ts')).setAlias(alias, target, options),
    )
  model
    .command('rollback')
    .description('point an alias back at the package before')
    .argument('<alias>')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (alias, options) => (await import('./models.ts')).rollback(alias, options))
  model
    .command('sign')
    .description("sign a package with the installation's key")
    .argument('<hash>')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (hash, options) => (await import('./models.ts')).sign(hash, options))
  model
    .command('remove')
    .description('remove a package')
    .argument('<hash>')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (hash, options) => (await import('./models.ts')).removeModel(hash, options))
  const bundle = model.command('bundle').description('models in one signed file')
  bundle
    .command('export')
    .description('write models with their cards to a file, for an installation without a network')
    .argument('<file>')
    .argument('<models...>', 'aliases or package hashes')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (file, models, options) =>
      (await import('./bundles.ts')).exportBundle(file, models, options),
    )
  bundle
    .command('import')
    .description('import the models of such a file: all of them, or none')
    .argument('<file>')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (file, options) => (await import('./bundles.ts')).importBundle(file, options))
}
