import { random } from '../../random.js';
import type { Source, SourceDocument } from '../sources/source.js';

/**
 * Documents of a source, each as likely as any other, the same ones each time, in the source's order.
 * Source of the algorithm: Vitter, 1985, "Random sampling with a reservoir", algorithm R.
 */
export async function sampleOf(source: Source, size: number): Promise<SourceDocument[]> {
  const stream = random(0, `sample of ${source.name}`);
  const kept: { document: SourceDocument; place: number }[] = [];
  let place = 0;
  for await (const document of source.documents()) {
    const slot = place < size ? place : stream.below(place + 1);
    if (slot < size) kept[slot] = { document, place };
    place++;
  }
  return kept.sort((a, b) => a.place - b.place).map(({ document }) => document);
}
