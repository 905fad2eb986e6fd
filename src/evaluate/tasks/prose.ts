import type { Side } from '../../data/corpora/corpus.js';
import { novel } from '../../data/corpora/novel.js';
import { speeches } from '../../data/corpora/speeches.js';
import type { TextDocument } from '../../data/sources/source.js';

/** The speeches of one side and the novel's chapters, whole. */
export async function proseOf(side: Side): Promise<TextDocument[]> {
  const found: TextDocument[] = [];
  for (const corpus of [speeches, novel]) {
    // Both came with mm1: they lie in no folder of their own.
    for await (const document of corpus.open(side, '').documents()) if (document.kind === 'text') found.push(document);
  }
  return found;
}
