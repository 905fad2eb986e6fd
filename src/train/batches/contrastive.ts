import { randomView } from '../../data/augmentation.js';
import { type CaptionCorpus, distinctDocuments, openCaptionCorpus } from '../../data/caption-corpus.js';
import { countTexts, drawableTexts, drawText, type TextCounts } from '../../data/caption-texts.js';
import type { TextShares } from '../../data/encoder-sets.js';
import { cutPatches } from '../../data/patches.js';
import { loadTokenizer, type Tokenizer } from '../../data/tokenizer/index.js';
import type { ClipBatch } from '../../model/clip.js';
import { type Random, random } from '../../random.js';
import type { Arrays } from './arrays.js';
import type { BatchSource } from './batch-source.js';
import { encodeTexts, roomFor } from './encoded-texts.js';
import { drawKeptPatches } from './kept-patches.js';
import { addTexts, NO_TEXTS } from './text-counts.js';

/** Pictures of which some patches are seen, and their texts. */
export type ContrastiveBatch = Required<ClipBatch>;

/** How batches of whole pictures are drawn. */
export interface ContrastiveSettings extends TextShares {
  readonly batch: number;
  readonly patch: number;
  /** Patches of a picture that the encoder sees in a step, at most all. */
  readonly keepPatches: number;
  readonly seed: number;
  /** Longest text in tokens, its end included: room for more is left out where a corpus has none as long. */
  readonly tokens: number;
}

/**
 * Whole pictures and texts, from a folder of captioned pictures; remembers where its texts came from.
 * @throws Mm1Error E_CORPUS or E_IMAGE where the folder is not whole
 */
export async function openContrastive(
  settings: ContrastiveSettings & { readonly corpus: string },
): Promise<BatchSource<ContrastiveBatch>> {
  const tokenizer = loadTokenizer();
  const corpus = await openCaptionCorpus(settings.corpus);
  const tokens = roomFor(drawableTexts(corpus, settings, false), settings.tokens, tokenizer);
  const drawn = { ...settings, tokens };
  let counts = NO_TEXTS;
  return {
    facts: { pictures: corpus.pool.count, 'first texts': corpus.distinct },
    async make(step) {
      const { arrays, texts } = await contrastiveBatch(corpus, drawn, tokenizer, step);
      counts = addTexts(counts, texts);
      return { arrays, data: counts };
    },
    restore(data) {
      counts = data as TextCounts;
    },
    close: () => corpus.close(),
  };
}

/**
 * Pictures and texts of one step: a pure function of (corpus, settings, step). Documents are drawn uniformly, whatever their
 * source, but no two with the same first text, so that what is said of one picture is not true of another as well. Each
 * picture is looked at in a random way. What is drawn is drawn before the first picture is waited for.
 */
export async function contrastiveBatch(
  corpus: CaptionCorpus,
  settings: ContrastiveSettings,
  tokenizer: Tokenizer,
  step: number,
): Promise<{ readonly arrays: Arrays<ContrastiveBatch>; readonly texts: TextCounts }> {
  const { patch } = settings;
  const { resolution } = corpus.pool;
  const stream = random(settings.seed, `contrastive ${step}`);
  const kept = drawKeptPatches(resolution / patch, settings.keepPatches, stream);
  const pairs = drawPairs(corpus, settings, stream);
  const pictures = await corpus.pixels(pairs.map(({ document }) => document));

  const size = 3 * patch * patch;
  const values = new Float32Array(pairs.length * kept.length * size);
  pairs.forEach(({ view }, row) => {
    cutPatches(pictures[row]!, 0, resolution, patch, kept, values, row * kept.length * size, view);
  });
  const texts = pairs.map(({ text }) => text);
  const arrays: Arrays<ContrastiveBatch> = {
    patches: { values, shape: [pairs.length, kept.length, size] },
    kept: { values: kept, shape: [kept.length] },
    ...encodeTexts(texts, pairs.length, settings.tokens, tokenizer),
  };
  return { arrays, texts: countTexts(pairs) };
}

/** Documents of a step, as many as there are first texts at most, each with a text and a look at its picture. */
function drawPairs(corpus: CaptionCorpus, settings: ContrastiveSettings, stream: Random) {
  const rows = Math.min(settings.batch, corpus.distinct);
  const documents = distinctDocuments(corpus, corpus.all, stream);
  return Array.from({ length: rows }, () => {
    const document = documents.next().value!;
    const view = randomView(corpus.pool.resolution, stream);
    return { document, view, ...drawText(corpus, document, settings, stream) };
  });
}
