import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { Mm1Error } from '../errors.js';
import type { GridAnswers } from './init-questions.js';

/** `mm1 init`: a commented grid for somebody's own question and data, by four questions or their flags. */
export function initCommand(): Command {
  return new Command('init')
    .description('Write a commented grid for your own question, with your data: by asking, or by flags alone.')
    .argument('[file]', 'where to', 'grid.yaml')
    .option('--question <text>', 'what the grid is to find out')
    .option('--vary <names>', 'what to vary, for instance connector,tokens')
    .option('--data <source>', 'your training data: a path or a source as grids write it; none: what mm1 brings along')
    .option('--test <source>', 'items to ask about, that nothing is trained on')
    .option('--scale <name>', 'how big: smoke, nano, micro, small, base, 3b, 7b or 30b')
    .option('--seeds <list>', 'trial seeds, for instance 0,1,2')
    .action(async (file: string, options: GridAnswers) => {
      // Before the first question: what is there is not written over.
      if (existsSync(file)) {
        throw new Mm1Error('there is a file of that name', {
          code: 'E_OUTPUT',
          where: file,
          remedy: 'Name another: mm1 init other.yaml.',
        });
      }
      const [{ askGrid, gridOf }, { writeNewGrid }] = await Promise.all([
        import('./init-questions.js'),
        import('../run/new-grid.js'),
      ]);
      const asked = process.stdin.isTTY && process.stdout.isTTY ? await askGrid(file, options) : options;
      const plan = writeNewGrid(gridOf(file, asked));
      const trials = plan.variants.length * plan.seeds.length;
      process.stdout.write(
        `${file}: ${plan.variants.length} variants x ${plan.seeds.length} seeds = ${trials} trials at scale ${plan.scale}\n` +
          `what it will take: npx mm1 plan ${file}\n`,
      );
    });
}
