import { type Holder, isAtWork, isSame, thisProcess } from './holder.js';
import { guard } from './open.js';
import { StoreReader } from './reader.js';

/** Who holds a lock, and when it last said so. */
interface Lock extends Holder {
  readonly sign: string;
}

const now = (): string => new Date().toISOString();

/** What processes that share a runs folder tell each other: who is at which stage, at which plan, and uses which entries. */
export abstract class LockingStore extends StoreReader {
  /**
   * Takes a lock in the name of this process, which holds it until it releases it or is gone.
   * @returns null where it is this process's own now, or who has it
   */
  takeLock(name: string): Holder | null {
    return this.writeForNow(() => {
      const held = this.#held(name);
      if (held && !isSame(held, thisProcess()) && isAtWork(held, held.sign)) return held;
      this.#hold([name]);
      return null;
    });
  }

  /** Says that this process uses entries of the cache, until it is gone or says otherwise: none of them is removed. */
  use(keys: readonly string[]): void {
    this.writeForNow(() => {
      this.#hold(keys.map((key) => `use ${key} ${process.pid}`));
    });
  }

  /** Takes back what {@link use} said. */
  useNothing(): void {
    this.writeForNow(() => {
      const { pid, born, host } = thisProcess();
      this.prepare(`DELETE FROM locks WHERE name LIKE 'use %' AND pid = ? AND born = ? AND host = ?`).run(
        pid,
        born,
        host,
      );
    });
  }

  /**
   * Does something to entries that no process is using, while none can come to use them.
   * @param act told which entries are in use
   */
  whileUnused<Result>(act: (used: ReadonlySet<string>) => Result): Result {
    return this.write(() => {
      const names = this.locks().map(({ name }) => name.split(' '));
      return act(new Set(names.flatMap(([what, key]) => (what === 'use' || what === 'stage' ? [key!] : []))));
    });
  }

  /** Gives a sign of life for all that this process holds: other machines take what has been silent for long to be nobody's. */
  renewLocks(): void {
    this.writeForNow(() => {
      const { pid, born, host } = thisProcess();
      this.prepare('UPDATE locks SET taken_at = ? WHERE pid = ? AND born = ? AND host = ?').run(now(), pid, born, host);
    });
  }

  /** Whether a lock is this process's still: another machine may have taken it for one of a process that is gone. */
  holdsLock(name: string): boolean {
    const held = this.#held(name);
    return held !== undefined && isSame(held, thisProcess());
  }

  #held(name: string): Lock | undefined {
    return this.prepare('SELECT pid, born, host, taken_at AS sign FROM locks WHERE name = ?').get(name) as
      | Lock
      | undefined;
  }

  #hold(names: readonly string[]): void {
    const { pid, born, host } = thisProcess();
    const insert = this.prepare(
      'INSERT OR REPLACE INTO locks (name, pid, born, host, taken_at) VALUES (?, ?, ?, ?, ?)',
    );
    for (const name of names) insert.run(name, pid, born, host, now());
  }

  releaseLock(name: string): void {
    this.writeForNow(() => {
      const { pid, born, host } = thisProcess();
      this.prepare('DELETE FROM locks WHERE name = ? AND pid = ? AND born = ? AND host = ?').run(name, pid, born, host);
    });
  }

  /** Runs `body` as one transaction that holds the write lock from its start, so that it never fails half-way for a lock. */
  protected write<T>(body: () => T): T {
    return guard(this.file, () => this.database.transaction(body).immediate());
  }

  /**
   * The same for what need not outlive a power cut: who is at work, which is then nobody. It is not waited for the disk, and what
   * is written after it takes it along.
   */
  protected writeForNow<T>(body: () => T): T {
    return guard(this.file, () => {
      this.database.pragma('synchronous = NORMAL');
      try {
        return this.database.transaction(body).immediate();
      } finally {
        this.database.pragma('synchronous = FULL');
      }
    });
  }
}
