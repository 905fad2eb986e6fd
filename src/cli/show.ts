import { Command, Option } from 'commander';
import { databaseFile } from '../store/place.js';
import { CONDITIONS, type Condition } from '../store/rows.js';
import { bold } from './bold.js';
import { wholeNumber } from './whole-number.js';

interface ShowOptions {
  readonly run: string;
  readonly variant?: string;
  readonly task?: string;
  readonly shots?: string;
  readonly condition: Condition;
  readonly limit: string;
  readonly best?: boolean;
  readonly json?: boolean;
  readonly runsDir: string;
}

/** `mm1 show`: what a variant was asked, what it answered, and what that was worth. */
export function showCommand(): Command {
  return new Command('show')
    .description(
      "Print a variant's answers to the items of a task, the worst first; without --task, the tasks. Pictures stand in the " +
        'prompts as their ids in angle brackets.',
    )
    .option('--run <id>', 'run to look at, or "latest"', 'latest')
    .option('--variant <variant>', "the variant's number (#), key or settings, as mm1 report prints them")
    .option('--task <task>', 'task to look at')
    .option('--shots <number>', 'number of demonstrations, of those that were asked with; the fewest where left out')
    .addOption(
      new Option('--condition <condition>', 'as it was asked, or a control').choices(CONDITIONS).default('asked'),
    )
    .option('--limit <number>', 'most items', '20')
    .option('--best', 'the best first')
    .option('--json', 'print JSON')
    .option('--runs-dir <folder>', "folder of the runs' record", 'runs')
    .action(show);
}

async function show({ run, variant, task, json, best = false, runsDir, ...options }: ShowOptions): Promise<void> {
  const limit = wholeNumber('--limit', options.limit, 20);
  const [{ Store }, { readAnswers, readAsked }, { renderAnswers, renderAsked }, { renderJson }] = await Promise.all([
    import('../store/store.js'),
    import('../report/answers.js'),
    import('../report/answers-text.js'),
    import('../report/json.js'),
  ]);
  const style = { width: process.stdout.columns || 80, heading: bold };
  const store = Store.openReadOnly(databaseFile(runsDir));
  try {
    if (task === undefined) {
      const asked = readAsked(store, run, variant);
      process.stdout.write(json ? renderJson(asked) : renderAsked(asked, style));
    } else {
      const { shots, condition } = options;
      const answers = readAnswers(store, run, { variant, task, shots, condition, limit, best });
      process.stdout.write(json ? renderJson(answers) : renderAnswers(answers, style));
    }
  } finally {
    store.close();
  }
}
