/** Bytes as a person reads them: "412 kB", "1.3 GB". */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}

const WRITTEN = /^\s*(\d+(?:\.\d+)?)\s*(B|kB|KB|MB|GB|TB)?\s*$/;

/** What a person writes of bytes: "20GB"; undefined where it is none. */
export function bytesOf(text: string): number | undefined {
  const [, number, unit = 'B'] = WRITTEN.exec(text) ?? [];
  if (number === undefined) return undefined;
  return Number(number) * 1000 ** ['B', 'KB', 'MB', 'GB', 'TB'].indexOf(unit.toUpperCase());
}

const days = (count: number): string =>
  count < 730 ? `${Math.round(count)} days` : `${Math.round(count / 365).toLocaleString('en')} years`;

/** Seconds as a person reads them: "under 1 s", "42 s", "3 min 5 s", "2 h 10 min", "12 days". */
export function duration(seconds: number): string {
  if (seconds < 1) return 'under 1 s';
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 ? `${minutes} min ${whole % 60} s` : `${minutes} min`;
  if (minutes >= 48 * 60) return days(minutes / 60 / 24);
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${Math.floor(minutes / 60)} h`;
}

/** How long ago: "5 min ago", "3 h ago", "12 days ago". */
export function since(then: Date, now: Date): string {
  const minutes = Math.max(0, Math.round((now.getTime() - then.getTime()) / 60_000));
  if (minutes < 60) return `${minutes} min ago`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h ago` : `${Math.round(minutes / 60 / 24)} days ago`;
}

/** So many of something: `1 trial`, `3 trials`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
