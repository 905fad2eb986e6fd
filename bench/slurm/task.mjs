/**
 * A task of a real cluster in bench:slurm.
 * @module
 */
import { dirname } from 'node:path';
import { Spool } from '../../dist/run/executors/slurm/spool.js';
import { computeSecond } from './stage.mjs';

const spool = new Spool(process.argv[2]);
const { stage, checkpoints } = spool.order(Number(process.argv[3]), Number(process.env.SLURM_ARRAY_TASK_ID));
await computeSecond(dirname(checkpoints), spool.events, stage.key);
