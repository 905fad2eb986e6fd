import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DecoderConfig } from '../../src/model/decoder.js';
import { type Case, readCase } from './golden.js';

/** Sizes of a golden decoder: those of its case, and of its Hugging Face configuration what the case leaves out. */
export function decoderSizes(folder: string): DecoderConfig & Case {
  const file = join(folder, 'config.json');
  const stored: Case = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  return { rope_theta: stored.rope_parameters?.rope_theta, ...stored, ...readCase(folder).config };
}
