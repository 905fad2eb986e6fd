import { Command } from 'commander';
import { usage } from '../errors.js';
import { cacheFolder, databaseFile } from '../store/place.js';

interface Options {
  readonly run: string;
  readonly host: string;
  readonly port: string;
  readonly runsDir: string;
}

/** `mm1 serve`: the report's page of a run that is at work, kept up to date. */
export function serveCommand(): Command {
  return new Command('serve')
    .description(
      'Show the page of a run in the browser while it is at work; it is kept up to date, and can only be read.',
    )
    .option('--run <id>', 'run to show, or "latest"', 'latest')
    .option(
      '--host <address>',
      'address to serve at: others can read the page where it is not this machine alone',
      '127.0.0.1',
    )
    .option('--port <number>', 'port, 0 for any that is free', '7360')
    .option('--runs-dir <folder>', "folder of the runs' record", 'runs')
    .action(async ({ run, host, port: typed, runsDir }: Options) => {
      const port = Number(typed);
      if (!/^\d+$/.test(typed) || port > 65_535) {
        throw usage('--port', `${JSON.stringify(typed)} is no port`, 'Give a number from 0 to 65535.');
      }
      const [{ Store }, { servePage }, { MARGIN }] = await Promise.all([
        import('../store/store.js'),
        import('../report/page/server.js'),
        import('../report/results.js'),
      ]);
      const store = Store.openReadOnly(databaseFile(runsDir));
      const page = await servePage({ store, run, cache: cacheFolder(runsDir), margin: MARGIN, host, port }).catch(
        (error: unknown) => {
          store.close();
          throw error;
        },
      );
      process.stdout.write(`${page.url} (Ctrl-C ends it)\n`);
      await new Promise<void>((done) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
      });
      await page.close();
      store.close();
    });
}
