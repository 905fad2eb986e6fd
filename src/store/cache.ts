import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { Mm1Error } from '../errors.js';
import { force } from './force.js';
import { isAlive } from './holder.js';

const MANIFEST = 'stage.json';
/** Folders that are being written start with this, and machine and number of the process that writes. */
const TEMPORARY = 'writing-';
/** This machine, in letters that a name may have. */
const HOST = hostname().replace(/[^A-Za-z0-9.]/g, '.');
/** Folders of checkpoints start with this, and the entry's key. */
const CHECKPOINTS = 'checkpoints-';

const manifestSchema = z.object({
  key: z.string(),
  kind: z.string(),
  title: z.string(),
  /** Seconds that computing it took of a device: of one that two stages shared, half their time. */
  seconds: z.number().nonnegative(),
  summary: z.record(z.string(), z.unknown()),
  files: z.record(z.string(), z.object({ bytes: z.int().nonnegative(), sha256: z.string() })),
});

/** What a finished stage says of itself. */
export type StageManifest = z.infer<typeof manifestSchema>;

/** An entry of the cache, as it is listed. */
export interface CacheEntry {
  readonly key: string;
  readonly kind: string;
  readonly title: string;
  readonly bytes: number;
  /** When it was written, or last found. */
  readonly usedAt: Date;
}

/**
 * Results of stages by their key, a folder each. An entry is whole or not there: it is written beside its place, forced
 * to the disk, and renamed.
 */
export class StageCache {
  readonly #root: string;

  /** @throws Mm1Error E_CACHE if the folder cannot be made */
  constructor(root: string) {
    this.#root = root;
    try {
      mkdirSync(root, { recursive: true });
    } catch (cause) {
      throw cannotWrite(root, cause);
    }
    this.#sweep();
  }

  /** Folder of an entry, whether it is there or not. */
  folder(key: string): string {
    return join(this.#root, key);
  }

  /** Whether an entry is there; nothing of it is checked. */
  has(key: string): boolean {
    return existsSync(join(this.folder(key), MANIFEST));
  }

  /**
   * Looks an entry up and checks every file of it against its hash.
   * @returns its manifest; null if there is none; or, in words, what is wrong with it
   */
  async find(key: string): Promise<StageManifest | { damage: string } | null> {
    const folder = this.folder(key);
    if (!existsSync(folder)) return null;
    let manifest: StageManifest;
    try {
      manifest = manifestSchema.parse(JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8')));
    } catch {
      return { damage: `${MANIFEST} cannot be read` };
    }
    if (manifest.key !== key) return { damage: `it is the entry of ${manifest.key}` };
    for (const [name, { bytes, sha256 }] of Object.entries(manifest.files)) {
      const file = join(folder, name);
      if (!existsSync(file)) return { damage: `${name} is missing` };
      if (statSync(file).size !== bytes) return { damage: `${name} has another length` };
      if ((await hashFile(file)) !== sha256) return { damage: `${name} has other bytes` };
    }
    this.#used(key);
    return manifest;
  }

  /** All entries that can be read, the one that was used longest ago first. */
  entries(): CacheEntry[] {
    const keys = readdirSync(this.#root).filter((name) => !name.includes('-'));
    const found = keys.flatMap((key): CacheEntry[] => {
      const manifest = this.peek(key);
      if (!manifest) return [];
      const { mtime } = statSync(join(this.folder(key), MANIFEST));
      return [{ key, kind: manifest.kind, title: manifest.title, bytes: entryBytes(manifest), usedAt: mtime }];
    });
    return found.sort((a, b) => a.usedAt.getTime() - b.usedAt.getTime());
  }

  /** Removes an entry. It is gone at once for whoever looks; that nobody is using it is the caller's to see. */
  remove(key: string): void {
    const rubbish = join(this.#root, `${TEMPORARY}${HOST}-${process.pid}-removed-${key}`);
    renameSync(this.folder(key), rubbish);
    this.abandon(rubbish);
  }

  /** Notes that an entry was of use now; a folder that cannot be written loses no more than that. */
  #used(key: string): void {
    const now = new Date();
    try {
      utimesSync(join(this.folder(key), MANIFEST), now, now);
    } catch (error) {
      if (!['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }

  /** What an entry says of itself, nothing of it checked; null where there is none, or none that can be read. */
  peek(key: string): StageManifest | null {
    try {
      const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(this.folder(key), MANIFEST), 'utf8')));
      return manifest.key === key ? manifest : null;
    } catch {
      return null;
    }
  }

  /** A new empty folder to write an entry to. */
  begin(key: string): string {
    const folder = join(this.#root, `${TEMPORARY}${HOST}-${process.pid}-${key}`);
    try {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder);
    } catch (cause) {
      throw cannotWrite(folder, cause);
    }
    return folder;
  }

  /**
   * Folder in which a stage that takes long keeps what its next attempt goes on from. It outlives the process, and goes
   * when the entry is published. The stage makes it.
   */
  checkpoints(key: string): string {
    return join(this.#root, `${CHECKPOINTS}${key}`);
  }

  /** Drops an entry's checkpoints: whoever goes on from them fails again. */
  forget(key: string): void {
    rmSync(this.checkpoints(key), { recursive: true, force: true });
  }

  /**
   * Publishes what was written to a folder that `begin` gave. Where another copy of the stage was quicker its result stays, and this one
   * goes: they are the same.
   * @returns the manifest of what is there
   */
  async publish(folder: string, entry: Omit<StageManifest, 'files'>): Promise<StageManifest> {
    const files: StageManifest['files'] = {};
    for (const name of readdirSync(folder)) {
      const file = join(folder, name);
      force(file);
      files[name] = { bytes: statSync(file).size, sha256: await hashFile(file) };
    }
    const manifest: StageManifest = { ...entry, files };
    const file = join(folder, MANIFEST);
    writeFileSync(file, JSON.stringify(manifest, null, 2));
    force(file);
    force(folder);
    const there = await this.#settle(folder, entry.key);
    this.forget(entry.key);
    return there ?? manifest;
  }

  /** Puts a whole folder in an entry's place; gives what is there already, if it is whole too. */
  async #settle(folder: string, key: string): Promise<StageManifest | null> {
    const place = this.folder(key);
    for (;;) {
      try {
        renameSync(folder, place); // over an empty folder, or none
        force(this.#root);
        return null;
      } catch (error) {
        if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      }
      const other = await this.find(key);
      if (other && !('damage' in other)) {
        this.abandon(folder);
        return other;
      }
      rmSync(place, { recursive: true, force: true }); // a damaged one
    }
  }

  /** Drops a folder that will not be published. */
  abandon(folder: string): void {
    rmSync(folder, { recursive: true, force: true });
  }

  /** Removes what processes left that died while they wrote. */
  #sweep(): void {
    for (const name of readdirSync(this.#root)) {
      const own = `${TEMPORARY}${HOST}-`; // of other machines nobody here knows whether they live
      const owner = name.startsWith(own) ? Number(name.slice(own.length).split('-')[0]) : Number.NaN;
      if (Number.isInteger(owner) && !isAlive(owner)) this.abandon(join(this.#root, name));
    }
  }
}

/** Bytes that an entry takes on the disk, its manifest left out. */
export function entryBytes(manifest: StageManifest): number {
  return Object.values(manifest.files).reduce((total, { bytes }) => total + bytes, 0);
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

function cannotWrite(path: string, cause: unknown): Mm1Error {
  return new Mm1Error('the stage cache cannot be written', {
    code: 'E_CACHE',
    where: path,
    remedy: 'Make the folder writable, free some disk, or choose another with --runs-dir.',
    cause,
  });
}
