import { stripVTControlCharacters } from 'node:util';
import { printable } from '../config/problems.js';

/** Text from outside, without what would steer the terminal: its codes, and control characters but for new lines. */
export function clean(text: string): string {
  const lines = stripVTControlCharacters(text).split(/\r?\n/);
  return lines.map(printable).join('\n').trim();
}
