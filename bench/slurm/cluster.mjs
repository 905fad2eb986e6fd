/**
 * Stands for a cluster's nodes in bench:slurm: a process that is told of batches, and computes each of their stages.
 * @module
 */
import { computeSecond } from './stage.mjs';

const [root, events] = process.argv.slice(2);

process.on('message', async ({ keys }) => {
  await Promise.all(keys.map((key) => computeSecond(root, events, key)));
  process.send({ done: keys });
});
