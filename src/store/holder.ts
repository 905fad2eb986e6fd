import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process that holds something. */
export interface Holder {
  readonly pid: number;
  /** When it began, in the kernel's own count: a number that a later process was given again is not taken for it. */
  readonly born: string;
  readonly host: string;
}

export function thisProcess(): Holder {
  return { pid: process.pid, born: bornAt(process.pid), host: hostname() };
}

export const isSame = (a: Holder, b: Holder): boolean => a.pid === b.pid && a.born === b.born && a.host === b.host;

/**
 * Milliseconds without a sign of life after which a process of another machine is taken to be gone: more than clocks of one cluster may
 * differ by (munge's credentials live for five minutes).
 */
export const GONE_AFTER = 600_000;
/** Milliseconds between two signs of life of whoever holds something. */
export const SIGN_EVERY = 30_000;

/** Whether a process is still there. @param sign when it last said so: this machine's own processes are asked themselves */
export function isAtWork({ pid, born, host }: Holder, sign: string): boolean {
  if (host !== hostname()) return Date.now() - Date.parse(sign) < GONE_AFTER;
  return isAlive(pid) && bornAt(pid) === born;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The 22nd field of /proc/PID/stat (proc(5)); nothing where there is no such file. */
function bornAt(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the name in parentheses, may hold blanks.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
