import { Command } from 'commander';
import { bold } from './bold.js';

interface CacheOptions {
  readonly runsDir: string;
  readonly json?: boolean;
}

/** `mm1 cache`: what the cache of stages holds. */
export function cacheCommand(): Command {
  return new Command('cache')
    .description('List the stages that are kept, the one that was used longest ago first.')
    .option('--json', 'print the same as JSON')
    .option('--runs-dir <folder>', 'folder of the database and the cache', 'runs')
    .action(async ({ runsDir, json }: CacheOptions) => {
      const [{ StageCache }, { Store }, { cacheFolder, databaseFile }, { renderCache }] = await Promise.all([
        import('../store/cache.js'),
        import('../store/store.js'),
        import('../store/place.js'),
        import('../report/cache.js'),
      ]);
      const store = Store.openReadOnly(databaseFile(runsDir));
      const used = new Set(store.locks().map(({ name }) => name.split(' ')[1]!));
      store.close();
      const entries = new StageCache(cacheFolder(runsDir))
        .entries()
        .map((entry) => ({ ...entry, used: used.has(entry.key) }));
      process.stdout.write(json ? `${JSON.stringify(entries, null, 2)}\n` : renderCache(entries, new Date(), bold));
    });
}
