import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cases, groupFolder } from './golden-folder.js';

type Json = Record<string, unknown>;

export const readConfig = (folder: string): Json => JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));

/** A golden folder that is a published vision tower, and how it sees pictures. */
export interface GoldenTower {
  readonly folder: string;
  readonly patch: number;
  readonly resolution: number;
}

export function goldenTowers(): GoldenTower[] {
  return cases('clip-vit').map((folder) => {
    const config = readConfig(folder);
    const vision = (config.vision_config ?? config) as { patch_size: number; image_size: number };
    return { folder, patch: vision.patch_size, resolution: vision.image_size };
  });
}

/** Another resolution than the tower's own, with room for four visual tokens. */
export function otherResolution({ patch, resolution }: GoldenTower): number {
  return patch * (Math.max(2, Math.floor(resolution / patch)) + 1);
}

/** Characters by how much their absence would hurt, as the byte-level alphabet writes them: the first is a space. */
const ALPHABET = 'Ġabcdefghijklmnopqrstuvwxyz?.,:ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-\'"()&!';

/** Copies a golden language model, and puts a tokenizer of single characters beside it whose ids it all knows. */
export function withTokenizer(golden: string, folder: string): string {
  cpSync(golden, folder, { recursive: true });
  const tokenizer = JSON.parse(readFileSync(join(groupFolder('tokenizer'), 'tokenizer.json'), 'utf8'));
  const specials = ['<s>', '</s>']; // and none for padding, as Llama's own
  const entries = [...specials, ...ALPHABET].slice(0, Number(readConfig(folder).vocab_size));
  tokenizer.model.vocab = Object.fromEntries(entries.map((entry, id) => [entry, id]));
  tokenizer.model.merges = [];
  tokenizer.added_tokens = specials.map((content, id) => ({ ...tokenizer.added_tokens[0], content, id }));
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
  return folder;
}
