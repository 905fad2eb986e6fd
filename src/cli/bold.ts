import { styleText } from 'node:util';

/** Bold on a terminal that wants it (NO_COLOR), else plain. */
export function bold(text: string): string {
  return styleText('bold', text, { stream: process.stdout });
}
