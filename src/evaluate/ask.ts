import * as tf from '@tensorflow/tfjs-core';
import type { Piece } from '../data/packing.js';
import type { Pictures } from '../data/pictures.js';
import type { Tokenizer } from '../data/tokenizer/index.js';
import { compile } from '../engine/compile.js';
import { inFittingBatches } from '../engine/fitting.js';
import { leavesOf } from '../engine/tree.js';
import { LANGUAGE_MODEL_PREFIX, part, visualTokens } from '../model/multimodal.js';
import type { MultimodalConfig } from '../model/multimodal-config.js';
import type { Parameters } from '../model/parameters.js';
import { greedy } from './decoding.js';
import { logLikelihoods } from './likelihood.js';
import { type Past, readPast } from './past.js';
import { encodePrompt, type PromptPart, writtenPrompt } from './prompts/compose.js';
import { paddedRows } from './prompts/layout.js';
import type { Task } from './tasks/task.js';

/** A trained model and what it reads. */
export interface Subject {
  readonly parameters: Parameters;
  readonly config: MultimodalConfig;
  readonly tokenizer: Tokenizer;
  readonly pictures: Pictures;
}

/** What is asked once. */
export interface Query {
  /** Demonstrations. */
  readonly before: readonly PromptPart[];
  readonly prompt: readonly PromptPart[];
  /** Answers to choose from, where one is to be chosen. */
  readonly choices: readonly string[];
}

/** How answers are had. */
export type Answering = Pick<Task, 'answer' | 'limit' | 'stops' | 'normalise'>;

/** Prompts at a time, where memory holds them. */
const BATCH = 64;

/** A query as the model reads it, with its places among all queries: equal ones are asked once. */
interface Encoded {
  readonly places: readonly number[];
  readonly pieces: readonly Piece<string>[];
  readonly choices: readonly string[];
}

/**
 * Asks queries, whole batches at once. Queries that follow on the same demonstrations share their keys and values, which are
 * computed once.
 * @param onDone told how many queries were answered since it was last told
 * @returns of each query what the model wrote, the choice that it finds likeliest, or the summed negative log-likelihood of
 *   the prompt in nats
 */
export async function ask(
  subject: Subject,
  answering: Answering,
  asked: readonly Query[],
  onDone: (queries: number) => Promise<void>,
): Promise<string[]> {
  // Where a prompt says nothing, its demonstrations are what is gone on with.
  const queries = asked.map((query) =>
    query.prompt.length > 0 ? query : { ...query, before: [], prompt: query.before },
  );
  const answers = new Array<string>(queries.length).fill('');
  for (const [before, group] of byDemonstrations(queries)) {
    const past = await readDemonstrations(subject, before);
    try {
      const encoded = encodeAll(queries, group, subject.tokenizer);
      await inFittingBatches(encoded, BATCH, async (batch) => {
        const outputs = await answerBatch(subject, answering, batch, past);
        batch.forEach(({ places }, row) => {
          for (const place of places) answers[place] = outputs[row]!;
        });
        await onDone(batch.reduce((sum, { places }) => sum + places.length, 0));
      });
    } finally {
      if (past) tf.dispose([past.mask, ...leavesOf(past.cache)]);
    }
  }
  return answers;
}

/** The longest that prompts of these queries become, in tokens, demonstrations included. */
export function longestPrompt(
  queries: readonly Query[],
  { tokenizer, config }: Pick<Subject, 'tokenizer' | 'config'>,
): number {
  const lengths = new Map<string, number>();
  const lengthOf = (parts: readonly PromptPart[]) => {
    const written = writtenPrompt(parts);
    const known = lengths.get(written);
    if (known !== undefined) return known;
    const length = encodePrompt(parts, tokenizer).reduce(
      (sum, piece) => sum + ('image' in piece ? config.connector.tokens : piece.tokens.length),
      0,
    );
    lengths.set(written, length);
    return length;
  };
  return Math.max(0, ...queries.map(({ before, prompt }) => lengthOf(before) + lengthOf(prompt)));
}

/** Queries by what stands before them, in the order in which each comes first. */
function byDemonstrations(queries: readonly Query[]): [before: readonly PromptPart[], places: readonly number[]][] {
  const groups = new Map<string, { before: readonly PromptPart[]; places: number[] }>();
  queries.forEach(({ before }, place) => {
    const key = writtenPrompt(before);
    const group = groups.get(key) ?? { before, places: [] };
    group.places.push(place);
    groups.set(key, group);
  });
  return [...groups.values()].map(({ before, places }) => [before, places]);
}

/** Prompts of one length together, so that little is padded. */
function encodeAll(queries: readonly Query[], places: readonly number[], tokenizer: Tokenizer): Encoded[] {
  const found = new Map<string, { places: number[]; pieces: Piece<string>[]; choices: readonly string[] }>();
  for (const place of places) {
    const { prompt, choices } = queries[place]!;
    const key = JSON.stringify([prompt, choices]);
    const known = found.get(key);
    if (known) known.places.push(place);
    else found.set(key, { places: [place], pieces: encodePrompt(prompt, tokenizer), choices });
  }
  const textOf = ({ pieces }: Encoded) =>
    pieces.reduce((sum, piece) => sum + ('tokens' in piece ? piece.tokens.length : 0), 0);
  return [...found.values()].sort((a, b) => textOf(a) - textOf(b));
}

async function readDemonstrations(subject: Subject, before: readonly PromptPart[]): Promise<Past | null> {
  const pieces = encodePrompt(before, subject.tokenizer);
  return withPictures(subject, [pieces], ([numbered], visual) =>
    readPast(part(subject.parameters, LANGUAGE_MODEL_PREFIX), subject.config.decoder, numbered!, visual),
  );
}

function answerBatch(
  subject: Subject,
  answering: Answering,
  batch: readonly Encoded[],
  past: Past | null,
): Promise<string[]> {
  const { tokenizer, config } = subject;
  const weights = part(subject.parameters, LANGUAGE_MODEL_PREFIX);
  const rows = batch.map(({ pieces }) => pieces);
  switch (answering.answer) {
    case 'written':
      return withPictures(subject, rows, (prompts, visual) =>
        write(
          weights,
          subject,
          answering,
          prompts.map((prompt) => started(prompt, tokenizer)),
          visual,
          past,
        ),
      );
    case 'chosen':
      return withPictures(subject, rows, async (prompts, visual) => {
        const asked = batch.flatMap(({ choices }, row) =>
          choices.map((choice) => ({
            prompt: started(prompts[row]!, tokenizer),
            continuation: tokenizer.encode(` ${choice}`),
          })),
        );
        const sums = await logLikelihoods(weights, config.decoder, asked, visual, past);
        let first = 0;
        return batch.map(({ choices }) => {
          const own = sums.slice(first, first + choices.length);
          first += choices.length;
          const worth = own.map((sum, i) =>
            answering.normalise === 'bytes' ? sum / Math.max(1, Buffer.byteLength(choices[i]!)) : sum,
          );
          return choices[worth.indexOf(Math.max(...worth))]!;
        });
      });
    case 'measured':
      return withPictures(subject, [], async (_prompts, visual) => {
        const asked = rows.map((pieces) => ({
          prompt: started([], tokenizer),
          continuation: pieces.flatMap((piece) => ('tokens' in piece ? [...piece.tokens] : [])),
        }));
        const sums = await logLikelihoods(weights, config.decoder, asked, visual, past);
        return sums.map((sum) => String(-sum));
      });
  }
}

/** A prompt that says nothing begins where every text begins. */
function started(prompt: readonly Piece[], tokenizer: Tokenizer): readonly Piece[] {
  return prompt.length > 0 ? prompt : [{ tokens: [tokenizer.beginOfText], counted: false }];
}

/** What a model wrote, up to a stop string. */
async function write(
  weights: Parameters,
  { config, tokenizer }: Subject,
  { limit, stops }: Answering,
  prompts: readonly (readonly Piece[])[],
  visual: tf.Tensor3D | null,
  past: Past | null,
): Promise<string[]> {
  const endOf = (text: string) =>
    Math.min(...stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0), text.length);
  const outputs = await greedy(weights, config.decoder, {
    prompts,
    visual,
    end: tokenizer.endOfText,
    stops(tokens) {
      const text = tokenizer.decode(tokens);
      return endOf(text) < text.length;
    },
    limit,
    ...(past && { past }),
  });
  return outputs.map((tokens) => {
    const text = tokenizer.decode(tokens);
    return text.slice(0, endOf(text)).trim();
  });
}

/** Visual tokens of pictures. */
const look = compile('visual', ({ parameters, config, pictures }: Looked) =>
  visualTokens(parameters, config, pictures),
);

interface Looked {
  /** Of encoder and connector. */
  readonly parameters: Parameters;
  readonly config: MultimodalConfig;
  readonly pictures: tf.Tensor3D;
}

/** Gives prompts with their pictures by number to a computation, beside the pictures' visual tokens. */
async function withPictures<Result>(
  subject: Subject,
  prompts: readonly (readonly Piece<string>[])[],
  compute: (prompts: Piece[][], visual: tf.Tensor3D | null) => Result | Promise<Result>,
): Promise<Result> {
  const ids = [...new Set(prompts.flat().flatMap((piece) => ('image' in piece ? [piece.image] : [])))];
  const numbers = new Map(ids.map((id, number) => [id, number]));
  const numbered = prompts.map((pieces) =>
    pieces.map((piece): Piece => ('image' in piece ? { image: numbers.get(piece.image)! } : piece)),
  );
  if (ids.length === 0) return compute(numbered, null);
  const { parameters, config, pictures: set } = subject;
  const [patches, width] = set.shape;
  const seeing = Object.fromEntries(
    Object.entries(parameters).filter(([name]) => !name.startsWith(LANGUAGE_MODEL_PREFIX)),
  );
  const values = new Float32Array(paddedRows(ids.length) * patches * width);
  values.set(await set.read(ids));
  const pictures = tf.tensor3d(values, [paddedRows(ids.length), patches, width]);
  const visual = look({ parameters: seeing, config, pictures });
  try {
    return await compute(numbered, visual);
  } finally {
    tf.dispose([pictures, visual]);
  }
}
