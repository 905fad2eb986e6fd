import { Command } from 'commander';
import { usage } from '../errors.js';
import { databaseFile } from '../store/place.js';
import { wholeNumber } from './whole-number.js';

interface TryOptions {
  readonly run: string;
  readonly variant: string;
  readonly seed?: string;
  readonly image?: string;
  readonly tokens: string;
  readonly runsDir: string;
}

/** Strings that end an answer. */
const STOPS = ['\n'];

/** `mm1 try`: asks a trained variant about any picture. */
export function tryCommand(): Command {
  return new Command('try')
    .description('Ask a trained variant about any picture, or to go on with a text.')
    .argument(
      '<prompt>',
      'what to ask, such as "Question: What is this? Short answer:"; {image} says where the picture stands',
    )
    .option('--run <id>', 'run of the variant, or "latest"', 'latest')
    .requiredOption('--variant <variant>', 'its number, its key or its settings, as the report prints them')
    .option('--seed <number>', 'seed of its trial; the first that has finished if left out')
    .option('--image <file>', 'a picture: PNG, JPEG, WebP, GIF, TIFF, AVIF or SVG')
    .option('--tokens <number>', 'longest answer', '48')
    .option('--runs-dir <folder>', "folder of the runs' record", 'runs')
    .action(printAnswer);
}

async function printAnswer(prompt: string, options: TryOptions): Promise<void> {
  const [{ Store }, { findVariant }, { trainedVariant }, { tryVariant }, { openEngine }] = await Promise.all([
    import('../store/store.js'),
    import('../report/find-variant.js'),
    import('../run/trained-variant.js'),
    import('../run/try-variant.js'),
    import('../engine/index.js'),
  ]);
  const limit = wholeNumber('--tokens', options.tokens, 48);
  const seed = options.seed === undefined ? undefined : seedOf(options.seed);
  const store = Store.openReadOnly(databaseFile(options.runsDir));
  try {
    const run = store.run(options.run);
    const variant = findVariant(store.variants(run.id), options.variant);
    const trained = trainedVariant(store, run, variant, options.runsDir, seed);
    process.env.MM1_COMPILE ??= '0'; // one answer takes less time than compiling it
    await openEngine();
    const answer = await tryVariant(trained, { image: options.image ?? null, prompt, limit, stops: STOPS });
    process.stdout.write(`${answer}\n`);
  } finally {
    store.close();
  }
}

function seedOf(typed: string): number {
  if (/^\d+$/.test(typed)) return Number(typed);
  throw usage('--seed', `${JSON.stringify(typed)} is no seed`, 'Write it so: --seed 0');
}
