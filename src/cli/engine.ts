import { Command, Option } from 'commander';
import type { Gpu } from '../engine/gpus.js';
import type { EngineReport } from '../engine/survey.js';
import { bytesText } from '../units.js';

/** `mm1 engine`: which tensor engines there are, how fast each is here, and which one a run would use. */
export function engineCommand(): Command {
  return new Command('engine')
    .description('list the tensor engines: version, speed, memory and device, and which one is used; or install one')
    .option('--json', 'print the same as JSON')
    .addHelpText('after', '\nMM1_ENGINE=tensorflow, webgpu or wasm decides by hand; webgpu is never used unasked.')
    .action(async (options: { json?: boolean }) => {
      const { chooseEngine } = await import('../engine/index.js');
      const { surveyEngines } = await import('../engine/survey.js');
      // First: a bad MM1_ENGINE is said at once, and not after measuring.
      const choice = chooseEngine();
      const terminal = process.stdout.isTTY && !options.json;
      const engines = await surveyEngines((name) => {
        if (terminal) process.stdout.write(`\rmeasuring ${name} ...\x1b[K`);
      });
      if (terminal) process.stdout.write('\r\x1b[K');
      const chosen = engines.find(({ name }) => name === choice.name);
      // What stands ready may still not load. A forced engine then fails the run, an unforced one makes way for wasm.
      const used =
        chosen?.usable || choice.forced
          ? { name: choice.name, reason: choice.reason }
          : { name: 'wasm', reason: `${choice.name} does not load` };
      const { visibleGpus } = await import('../engine/gpus.js');
      const gpus = visibleGpus();
      const text = table(engines, used) + gpuLines(gpus, engines);
      process.stdout.write(options.json ? `${JSON.stringify({ engines, used, gpus }, null, 2)}\n` : text);
    })
    .addCommand(installCommand());
}

/** `mm1 engine install`: TensorFlow, by the script that `npm ci` runs. */
function installCommand(): Command {
  return new Command('install')
    .description('install TensorFlow: for CUDA where there is an NVIDIA GPU that it can use, else for the processor')
    .addOption(new Option('--cuda', 'for CUDA, also where this machine has no GPU: it serves both').conflicts('cpu'))
    .addOption(new Option('--cpu', 'for the processor alone'))
    .action(async ({ cuda, cpu }: { cuda?: boolean; cpu?: boolean }) => {
      const { installScript } = await import('../engine/installation.js');
      const { spawnSync } = await import('node:child_process');
      const build = cuda ? '--cuda' : cpu ? '--cpu' : '--best';
      const { status } = spawnSync(process.execPath, [installScript(), build], { stdio: 'inherit' });
      process.exitCode = status ?? 1;
    });
}

/** Columns of numbers, which stand to the right. */
const NUMBERS: readonly number[] = [3, 4];

function table(engines: readonly EngineReport[], used: { readonly name: string; readonly reason: string }): string {
  const rows = [['', 'engine', 'version', 'speed', 'memory', 'device']];
  for (const { name, version, gflops, memory, device, reason } of engines) {
    const cells = [version ?? '-', gflops === null ? '-' : speedOf(gflops), memory === null ? '-' : bytesText(memory)];
    rows.push([name === used.name ? '*' : '', name, ...cells, device ?? `not usable: ${reason}`]);
  }
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, i) => (NUMBERS.includes(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
  const { usable } = engines.find(({ name }) => name === used.name)!;
  const verdict = usable
    ? `is used: ${used.reason}`
    : `cannot be used, and nothing is trained here as long as ${used.reason}`;
  return `${lines.join('\n')}\n\n* ${used.name} ${verdict}.\n`;
}

/** What is to be said of NVIDIA's GPUs: of those that compute, how; of those that do not, what to do. */
function gpuLines(gpus: readonly Gpu[], engines: readonly EngineReport[]): string {
  if (gpus.length === 0) return '';
  const tensorflow = engines.find(({ name }) => name === 'tensorflow');
  const lines = gpus.map(
    ({ name, memory, used, driver }, i) =>
      `GPU ${i}: ${name}, ${bytesText(memory)}, of which ${bytesText(used)} are in use; driver ${driver}`,
  );
  if (!tensorflow?.gpu) {
    lines.push('TensorFlow does not compute on it: "mm1 engine install --cuda" makes it, or says why it cannot.');
  } else if (tensorflow.products === 'tf32') {
    lines.push('Matrix products are taken in TF32 (factors of 10 bits); NVIDIA_TF32_OVERRIDE=0 takes them in float32.');
  }
  return `\n${lines.join('\n')}\n`;
}

const speedOf = (gflops: number): string =>
  gflops >= 1000 ? `${(gflops / 1000).toFixed(1)} TFLOP/s` : `${gflops.toFixed(gflops < 10 ? 1 : 0)} GFLOP/s`;
