import { Command } from 'commander';
import type { EngineReport } from '../engine/survey.js';

/** `mm1 engine`: which tensor engines there are, how fast each is here, and which one a run would use. */
export function engineCommand(): Command {
  return new Command('engine')
    .description('list the tensor engines: version, device, measured speed, and which one is used')
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
      process.stdout.write(options.json ? `${JSON.stringify({ engines, used }, null, 2)}\n` : table(engines, used));
    });
}

/** Column of the numbers, which stand to the right. */
const SPEED = 3;

function table(engines: readonly EngineReport[], used: { readonly name: string; readonly reason: string }): string {
  const rows = [['', 'engine', 'version', 'GFLOP/s', 'device']];
  for (const { name, version, gflops, device, reason } of engines) {
    const speed = gflops === null ? '-' : gflops.toFixed(gflops < 10 ? 1 : 0);
    rows.push([name === used.name ? '*' : '', name, version ?? '-', speed, device ?? `not usable: ${reason}`]);
  }
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === SPEED ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n\n* ${used.name} is used: ${used.reason}.\n`;
}
