import { Command } from 'commander';
import { usage } from '../errors.js';

interface GcOptions {
  readonly keep: string;
  readonly dryRun?: boolean;
  readonly runsDir: string;
}

/** `mm1 gc`: bounds the disk that the cache of stages takes. */
export function gcCommand(): Command {
  return new Command('gc')
    .description(
      'Remove the stages that were used longest ago, none that a run is using. What is needed again is computed again.',
    )
    .requiredOption('--keep <size>', 'most that the others may take, for instance 20GB')
    .option('--dry-run', 'say what would be removed, and remove nothing')
    .option('--runs-dir <folder>', 'folder of the database and the cache', 'runs')
    .action(async ({ keep, dryRun = false, runsDir }: GcOptions) => {
      const { bytesOf, bytesText } = await import('../units.js');
      const bytes = bytesOf(keep);
      if (bytes === undefined) {
        throw usage('--keep', `${JSON.stringify(keep)} is no size`, 'Write for instance 20GB or 500MB.');
      }
      const [{ StageCache }, { Store }, { cacheFolder, databaseFile }, { cleanUp }] = await Promise.all([
        import('../store/cache.js'),
        import('../store/store.js'),
        import('../store/place.js'),
        import('../store/clean-up.js'),
      ]);
      Store.openReadOnly(databaseFile(runsDir)).close(); // where there is none, none is made
      const store = Store.open(databaseFile(runsDir));
      try {
        const { removed, kept, used } = cleanUp(store, new StageCache(cacheFolder(runsDir)), bytes, dryRun);
        const total = (entries: readonly { bytes: number }[]) =>
          bytesText(entries.reduce((sum, each) => sum + each.bytes, 0));
        for (const { title, bytes: size } of removed) process.stdout.write(`${title}: ${bytesText(size)}\n`);
        const busy = kept.filter(({ key }) => used.has(key)).length;
        process.stdout.write(
          `${dryRun ? 'would remove' : 'removed'} ${removed.length} stages, ${total(removed)}; kept ${kept.length}, ${total(kept)}${busy > 0 ? `, of which a run uses ${busy}` : ''}\n`,
        );
      } finally {
        store.close();
      }
    });
}
