import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { Mm1Error } from '../errors.js';
import { packageRoot } from '../package-root.js';
import { type Output, printFault } from './fail.js';

interface CommandEntry {
  readonly summary: string;
  /** Loads the command's own file: only the command that is asked for is loaded, which keeps `mm1 --help` quick. */
  readonly load: () => Promise<Command>;
}

/** Every command by its name. A new command is a file beside this one and an entry here. */
const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  init: {
    summary: 'write a commented grid for your own question, with your data',
    load: async () => (await import('./init.js')).initCommand(),
  },
  ablate: {
    summary: 'train and evaluate every variant of a grid',
    load: async () => (await import('./ablate.js')).ablateCommand(),
  },
  plan: {
    summary: 'say what a grid will run and take, and run nothing',
    load: async () => (await import('./plan.js')).planCommand(),
  },
  report: {
    summary: 'compare the variants of a run, with the uncertainty of each number',
    load: async () => (await import('./report.js')).reportCommand(),
  },
  compare: {
    summary: 'say whether the same variant is the same in several runs',
    load: async () => (await import('./compare.js')).compareCommand(),
  },
  serve: {
    summary: "show a run's page in the browser, kept up to date",
    load: async () => (await import('./serve.js')).serveCommand(),
  },
  export: {
    summary: 'write a run for TensorBoard or as CSV, or the weights of a variant',
    load: async () => (await import('./export.js')).exportCommand(),
  },
  runs: {
    summary: 'list all runs: how each stands, and how long it took',
    load: async () => (await import('./runs.js')).runsCommand(),
  },
  watch: {
    summary: 'follow a run from another terminal',
    load: async () => (await import('./watch.js')).watchCommand(),
  },
  cancel: {
    summary: "cancel a run's jobs on Slurm, and no others",
    load: async () => (await import('./cancel.js')).cancelCommand(),
  },
  worker: {
    summary: "compute one stage: what a run's Slurm jobs do",
    load: async () => (await import('./worker.js')).workerCommand(),
  },
  cache: {
    summary: 'list the stages that are kept',
    load: async () => (await import('./cache.js')).cacheCommand(),
  },
  gc: {
    summary: 'remove the stages that were used longest ago',
    load: async () => (await import('./gc.js')).gcCommand(),
  },
  schema: {
    summary: 'print the JSON Schema of grids, for editors',
    load: async () => (await import('./schema.js')).schemaCommand(),
  },
  show: {
    summary: "print a variant's answers to a task, worst first",
    load: async () => (await import('./show.js')).showCommand(),
  },
  try: {
    summary: 'ask a trained variant about any picture',
    load: async () => (await import('./try.js')).tryCommand(),
  },
  models: {
    summary: 'print every named model at every scale: parameters, tokens, FLOPs, memory',
    load: async () => (await import('./models.js')).modelsCommand(),
  },
  data: {
    summary: 'list the built-in corpora, install one, show samples of one',
    load: async () => (await import('./data.js')).dataCommand(),
  },
  engine: {
    summary: 'list the tensor engines of this machine and say which one is used',
    load: async () => (await import('./engine.js')).engineCommand(),
  },
};

/**
 * Runs one command line.
 *
 * @param argv what follows the program's name
 * @returns the exit status: 0, 1 for a fault that the person can mend, 2 for wrong usage, 70 for a bug
 */
export async function runCommandLine(argv: readonly string[], stdout: Output, stderr: Output): Promise<number> {
  try {
    const program = await buildProgram(argv, stdout, stderr);
    await program.parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    if (!(error instanceof CommanderError)) return printFault(error, stderr);
    // Commander reports a help or version text that it has printed as an error with status 0.
    return error.exitCode === 0 ? 0 : printFault(usageError(error, argv), stderr);
  }
}

async function buildProgram(argv: readonly string[], stdout: Output, stderr: Output): Promise<Command> {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
  const program = new Command('mm1')
    .description('Ablation studies of multimodal language models, from a YAML grid to a verdict with its uncertainty.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', '\nStart with: mm1 ablate configs/smoke.yaml && mm1 report --run latest');
  for (const [name, entry] of Object.entries(COMMANDS)) {
    const command = argv.includes(name) ? await entry.load() : new Command(name);
    program.addCommand(command.summary(entry.summary));
  }
  for (const command of [program, ...program.commands.flatMap((each) => [each, ...each.commands])]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      // Usage errors are printed by printFault, in the form of all others.
      outputError: () => {},
    });
  }
  return program;
}

/** Commander's complaint, which names the nearest option or command, as one of ours. */
function usageError(error: CommanderError, argv: readonly string[]): Mm1Error {
  const name = Object.keys(COMMANDS).find((command) => argv[0] === command);
  // Without any argument commander prints the help and says nothing more.
  const message = error.code === 'commander.help' ? 'no command was given' : error.message.replace(/^error: /, '');
  return new Mm1Error(message, {
    code: 'E_USAGE',
    remedy: `"${name ? `mm1 ${name}` : 'mm1'} --help" lists what there is.`,
    status: 2,
    cause: error,
  });
}
