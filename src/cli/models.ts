import { Command } from 'commander';
import { suggest } from '../config/nearest.js';
import { SCALE_NAMES, type ScaleName } from '../config/recipe.js';
import { usage } from '../errors.js';
import { bold } from './bold.js';
import { wholeNumber } from './whole-number.js';

interface ModelsOptions {
  readonly scale?: string;
  readonly resolution: string;
  readonly tokens: string;
  readonly json?: boolean;
}

/** `mm1 models`: what every named model holds and costs at every scale, or the published model of a folder. */
export function modelsCommand(): Command {
  return new Command('models')
    .description(
      'Print every named model at every scale: parameters, tokens, FLOPs, memory. With a folder: what its checkpoint is, ' +
        'and whether it can be loaded.',
    )
    .argument('[folder]', 'checkpoint of CLIP, Llama or Mixtral as Hugging Face writes it')
    .option('--scale <name>', `one scale alone: ${SCALE_NAMES.join(', ')}`)
    .option('--resolution <pixels>', 'side of a picture', '336')
    .option('--tokens <number>', 'visual tokens of a picture, a square', '144')
    .option('--json', 'print exact numbers as JSON, FLOPs by part')
    .action((folder: string | undefined, options: ModelsOptions, command: Command) => {
      if (folder === undefined) return printModels(options);
      const named = ['scale', 'resolution', 'tokens'].find((name) => command.getOptionValueSource(name) === 'cli');
      if (named === undefined) return printCheckpoint(folder, options);
      const message = 'a checkpoint has its own sizes';
      throw usage(`--${named}`, message, 'Leave the option out, or the folder.');
    });
}

async function printCheckpoint(folder: string, { json }: ModelsOptions): Promise<void> {
  const [{ checkpointModel }, { renderCheckpoint }] = await Promise.all([
    import('../plan/models.js'),
    import('../report/checkpoint-model.js'),
  ]);
  const model = checkpointModel(folder);
  process.stdout.write(json ? `${JSON.stringify(model, null, 2)}\n` : renderCheckpoint(model, bold));
}

async function printModels(options: ModelsOptions): Promise<void> {
  const scales = options.scale === undefined ? SCALE_NAMES : [scaleNamed(options.scale)];
  const resolution = wholeNumber('--resolution', options.resolution, 144);
  const tokens = wholeNumber('--tokens', options.tokens, 144);
  const [{ modelsAt }, { renderModels }] = await Promise.all([
    import('../plan/models.js'),
    import('../report/models.js'),
  ]);
  const models = modelsAt(scales, resolution, tokens);
  process.stdout.write(options.json ? `${JSON.stringify(models, null, 2)}\n` : renderModels(models, bold));
}

function scaleNamed(typed: string): ScaleName {
  const scale = SCALE_NAMES.find((name) => name === typed);
  if (scale) return scale;
  throw usage('--scale', `unknown scale ${JSON.stringify(typed)}`, `Give a scale: ${suggest(typed, SCALE_NAMES)}`);
}
