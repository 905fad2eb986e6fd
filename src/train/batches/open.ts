import { existsSync } from 'node:fs';
import { batchesInThread } from './batch-thread.js';
import { type Batches, batchesHere } from './batches.js';
import { type BatchKind, type BatchOf, openSource, type SettingsOf } from './index.js';

const THREAD = new URL('./thread.js', import.meta.url);

/**
 * Opens the batches of a training, which a thread makes ahead of it. Where only the TypeScript sources are there, as in
 * tests, no thread can load them: this one makes the same batches.
 * @throws Mm1Error as openSource does
 */
export async function openBatches<K extends BatchKind>(kind: K, settings: SettingsOf<K>): Promise<Batches<BatchOf<K>>> {
  if (existsSync(THREAD)) return batchesInThread(THREAD, { kind, settings });
  return batchesHere(await openSource(kind, settings));
}
