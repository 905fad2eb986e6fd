import { z } from 'zod';

/** One line that a shell or Slurm reads as it stands. */
const word = z.string().regex(/^[^\s'"`$\\;&|<>()]+$/, { error: 'must be one word' });
const lines = z.array(z.string().regex(/^[^\n]+$/, { error: 'must be one line' }));

/** What Slurm is told of every job of a run; what is left out the cluster decides. */
export const slurmSchema = z.strictObject({
  partition: word.optional(),
  account: word.optional(),
  /** Generic resources of a job: `gpu:1`. */
  gres: word.optional(),
  /** Longest that a job may run, as Slurm writes it: `4:00:00`. One that needs longer is queued again and goes on. */
  time: word.optional(),
  /** Memory of a job: `64G`. */
  memory: word.optional(),
  /** Cores of a job. */
  cpus: z.int().min(1).optional(),
  /** Most jobs at work at once. */
  max_jobs: z.int().min(1).optional(),
  /** Further options of sbatch: `--constraint=a100`. */
  sbatch: lines.optional(),
  /** Lines of a shell before the work: `module load cuda`. */
  setup: z.string().optional(),
});

/** See {@link slurmSchema}. */
export type SlurmSettings = z.infer<typeof slurmSchema>;
