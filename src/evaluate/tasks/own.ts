import pMap from 'p-map';
import type { OwnTaskSpec } from '../../config/plan.js';
import { sampleOf } from '../../data/corpora/sample.js';
import { CONCURRENCY } from '../../data/image-set.js';
import { describeTally } from '../../data/sources/account.js';
import { openSource, sourceSchema } from '../../data/sources/index.js';
import type { CaptionDocument, QuestionDocument, Source, SourceDocument } from '../../data/sources/source.js';
import { Mm1Error } from '../../errors.js';
import { random } from '../../random.js';
import { scoreAnswers, scoreCaptions } from './scoring.js';
import { type DrawnItem, EVALUATION_SEED, examplesOf, guesses, type Task, type TaskPlace } from './task.js';

/** What somebody's own data is asked about. */
type Asked = CaptionDocument | QuestionDocument;

/** How answers of each kind are had and scored. */
const FORMS = {
  caption: {
    group: 'captioning',
    prompt: 'caption',
    metric: 'CIDEr-D',
    limit: 32,
    stops: ['\n'],
    score: scoreCaptions,
  },
  question: {
    group: 'vqa',
    prompt: 'question',
    metric: 'VQA accuracy',
    limit: 16,
    stops: ['\n', '.', ',', 'Question'],
    score: scoreAnswers,
  },
} as const;

/** Answers of other items that a guess is drawn from. */
const GUESSES = 16;
/** Documents that are read for each example: several can be about one picture. */
const SPARE = 4;

/**
 * Somebody's own data: captions by CIDEr-D against all captions of a picture, or questions by VQA accuracy against all
 * people's answers. A guess is another item's caption, or the first answer to any question.
 *
 * The words' weights in CIDEr-D come from the items that are asked, so its value on some items of a set is comparable
 * neither with another number of items nor with what is published for the whole set.
 *
 * The data is walked once; what is asked is drawn on the way, each document as likely as any other. Another number of
 * items is another draw. What breaks a rule, or shows a picture that cannot be decoded, is left out and counted in the notes.
 */
export function ownTask(spec: OwnTaskSpec): Task {
  const { name, kind, source, examples } = spec;
  const { score, ...form } = FORMS[kind];
  return {
    ...form,
    answer: 'written',
    async draw({ places, items, demonstrations }) {
      const asked = await drawn(await opened(source.source, places), { kind, count: items, without: new Set() });
      if (asked.documents.length === 0) throw nothing(spec, asked.note);
      const others =
        examples === undefined || demonstrations === 0
          ? null
          : await drawn(await opened(examples.source, places), {
              kind,
              count: SPARE * demonstrations,
              without: new Set(asked.documents.map(({ image }) => image.id)),
            });
      return {
        asked: withGuesses(asked.documents.map(itemOf), spec),
        examples: examplesOf((others?.documents ?? []).map(itemOf), demonstrations, name),
        notes: [asked.note, others?.note ?? null].filter((note) => note !== null),
      };
    },
    score,
    chance: (items) => score(guesses(items), items).value,
  };
}

/** @param spec a format with its options, as JSON */
function opened(spec: string, places: TaskPlace['places']): Promise<Source> {
  return openSource(sourceSchema.parse(JSON.parse(spec)), places.grid);
}

/** What was drawn of a source. */
interface Drawn {
  readonly documents: readonly Asked[];
  /** What was left out; null where nothing was. */
  readonly note: string | null;
}

/** Which documents are drawn. */
interface Wanted {
  readonly kind: Asked['kind'];
  readonly count: number;
  /** Ids of pictures that none of them shows. */
  readonly without: ReadonlySet<string>;
}

/**
 * Draws documents whose pictures can be decoded.
 * @throws Mm1Error E_DATA where more than 1% had to be
 */
async function drawn(source: Source, { kind, count, without }: Wanted): Promise<Drawn> {
  const isWanted = (document: SourceDocument): document is Asked =>
    document.kind === kind && !without.has(document.image.id);
  const found = await sampleOf(
    {
      ...source,
      async *documents() {
        for await (const document of source.documents()) if (isWanted(document)) yield document;
      },
    },
    count,
  );
  const whole = await pMap(found.filter(isWanted), decodable, { concurrency: CONCURRENCY });
  const tally = source.tally();
  const leftOut = Object.keys(tally.skipped).length > 0;
  return {
    documents: whole.filter((document) => document !== null),
    note: leftOut ? `${source.name}: ${describeTally(tally)}` : null,
  };
}

/** The document; null where its picture's header was right, and the rest is not: its source counts that. */
async function decodable(document: Asked): Promise<Asked | null> {
  try {
    await document.image.pixels(1);
    return document;
  } catch (error) {
    if (error instanceof Mm1Error && error.code === 'E_IMAGE') return null;
    throw error;
  }
}

function itemOf(document: Asked): DrawnItem {
  const { id, image } = document;
  const item = { id, concept: image.id, image, choices: [] };
  if (document.kind === 'question') return { ...item, question: document.question, references: document.answers };
  // A rewritten caption is another kind of text: it is asked for only where there is no other.
  return { ...item, question: '', references: document.alt.length > 0 ? document.alt : document.rewritten };
}

/** Items with what a guess at each is drawn from: first answers, each as likely, however often it was given. */
function withGuesses(items: readonly DrawnItem[], { name, kind }: OwnTaskSpec): DrawnItem[] {
  const given = [...new Set(items.map(({ references }) => references[0]!))];
  const stream = random(EVALUATION_SEED, `guesses at ${name}`);
  return items.map((item) => {
    // Who guesses a caption does not know the picture's own; who guesses an answer knows all that are given.
    const others = kind === 'caption' ? given.filter((caption) => !item.references.includes(caption)) : given;
    const from = others.length > 0 ? others : given;
    return { ...item, choices: Array.from({ length: GUESSES }, () => from[stream.below(from.length)]!) };
  });
}

function nothing({ name, kind }: OwnTaskSpec, note: string | null): Mm1Error {
  return new Mm1Error(`The task ${name} has no ${kind} to ask${note === null ? '' : ` (${note})`}`, {
    code: 'E_DATA',
    where: name,
    remedy: 'Give it data with pictures and texts, or take it out of the grid.',
  });
}
