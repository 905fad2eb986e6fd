import type { DataKind } from '../config/recipe.js';
import { CORPORA } from './corpora/index.js';
import { unpackedFolder } from './corpora/place.js';
import type { CorpusSource } from './corpus-folder.js';
import { openSource, sourceSchema } from './sources/index.js';
import type { Source } from './sources/source.js';

/** Folders that sources are looked for in. */
export interface Places {
  /** The grid's own: relative paths start there. */
  readonly grid: string;
  /** The runs folder: corpora that are installed by themselves lie there. */
  readonly runs: string;
}

/** Documents in the shuffle buffer: a built-in corpus is small, and the bytes of somebody's pictures are not. */
const BUFFER = { builtIn: 10_000, random: 1, own: 1000 };

/**
 * Opens what may be trained on of a source: its documents of one kind, where it gives several.
 * @param name as DataSource.source names it: a built-in corpus, or a format with its options as JSON
 * @param concepts number that emoji are capped to
 * @throws Mm1Error E_DATA where its files are gone
 */
export async function trainingSource(
  name: string,
  kind: DataKind,
  places: Places,
  concepts: number,
): Promise<CorpusSource> {
  if (name.startsWith('{')) {
    const source = await openSource(sourceSchema.parse(JSON.parse(name)), places.grid);
    return { name, source: only(kind, source), buffer: BUFFER.own, strict: true };
  }
  const corpus = CORPORA.find((each) => each.name === name);
  if (!corpus) throw new Error(`no corpus is named ${name}`);
  const source = corpus.open('train', unpackedFolder(places.runs, name), { concepts });
  return { name, source, buffer: corpus.random ? BUFFER.random : BUFFER.builtIn, strict: false };
}

/** The documents of one kind: LLaVA's conversations, for instance, are questions, and text where they have no picture. */
function only(kind: DataKind, source: Source): Source {
  return {
    name: source.name,
    licence: source.licence,
    tally: () => source.tally(),
    async *documents() {
      for await (const document of source.documents()) if (document.kind === kind) yield document;
    },
  };
}
