import { writeCorpus } from '../../data/corpus-folder.js';
import { describeTally } from '../../data/sources/account.js';
import { trainingSource } from '../../data/training-source.js';
import { checkUnchanged } from '../../plan/sources.js';
import type { StageRunner } from './stage-kind.js';

/** Takes training documents of one kind from their sources, and draws their pictures at one resolution. */
export const corpus: StageRunner<'corpus'> = async (spec, context) => {
  const { kind, sources, documents, concepts, resolution, detail } = spec;
  for (const source of sources) checkUnchanged(kind, source, context.places);
  const opened = await Promise.all(sources.map(({ source }) => trainingSource(source, kind, context.places, concepts)));
  let before = 0;
  let present = 0;
  let last = 0;
  const { taken, pictures, bytes } = await writeCorpus(
    context.folder,
    opened,
    { documents, resolution, detail },
    async (number, count) => {
      if (number !== present) {
        before += last;
        present = number;
      }
      last = count;
      await context.progress({ done: before + count, total: before + (opened.length - number) * documents });
    },
  );
  // What a built-in corpus leaves out it leaves out by its own rules, always the same.
  for (const [number, { source, tally }] of taken.entries()) {
    if (opened[number]!.strict) context.note(`${source}: ${describeTally(tally)}`);
  }
  return {
    documents: taken.reduce((sum, each) => sum + each.documents, 0),
    pictures,
    bytes,
    ...Object.fromEntries(
      taken.map(({ source, documents: count, exhausted, tally }) => [
        source,
        [`${count} documents${exhausted ? ', all there are' : ''}`, describeTally(tally)],
      ]),
    ),
  };
};
