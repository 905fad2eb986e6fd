import { openAutoregressive } from './autoregressive.js';
import type { BatchSource } from './batch-source.js';
import { openContrastive } from './contrastive.js';
import { openLanguage } from './language.js';
import { openMultimodal } from './multimodal.js';
import { openRegions } from './regions.js';

const SOURCES = {
  autoregressive: openAutoregressive,
  contrastive: openContrastive,
  language: openLanguage,
  multimodal: openMultimodal,
  regions: openRegions,
};

/** What a training's batches are: what the encoders, the language model and the whole model learn from. */
export type BatchKind = keyof typeof SOURCES;
/** What a kind is opened from: plain values. */
export type SettingsOf<K extends BatchKind> = Parameters<(typeof SOURCES)[K]>[0];
export type BatchOf<K extends BatchKind> =
  Awaited<ReturnType<(typeof SOURCES)[K]>> extends BatchSource<infer B> ? B : never;

/** Asks a thread for batches of a kind. */
export interface BatchRequest<K extends BatchKind = BatchKind> {
  readonly kind: K;
  readonly settings: SettingsOf<K>;
}

/**
 * Opens what batches are drawn from.
 * @throws Mm1Error E_CORPUS, E_IMAGE, E_DATA or E_TOKENIZER where there is nothing whole to draw from
 */
export function openSource<K extends BatchKind>(kind: K, settings: SettingsOf<K>): Promise<BatchSource<BatchOf<K>>> {
  const open = SOURCES[kind] as unknown as (settings: SettingsOf<K>) => Promise<BatchSource<BatchOf<K>>>;
  return open(settings);
}
