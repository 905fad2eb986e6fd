import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { Mm1Error } from '../../errors.js';
import { packageRoot } from '../../package-root.js';

/** Text to token ids and back. A word takes the space before it: "A drawing of" is followed by " red apple". */
export interface Tokenizer {
  /** Token ids of a text, with nothing added before or after it. */
  encode(text: string): number[];
  /** Text of token ids; special tokens are left out. */
  decode(ids: readonly number[]): string;
  /** Number of entries; every id is smaller. */
  readonly vocabularySize: number;
  /** Id of the token that ends a document or an answer. */
  readonly endOfText: number;
  /** Id of the token that fills up a batch. */
  readonly pad: number;
  /** Id of the token that begins a document. */
  readonly beginOfText: number;
}

/** Ids of a tokenizer's special tokens under the names of Hugging Face's config.json. */
export function specialTokens({ beginOfText, endOfText, pad }: Tokenizer) {
  return { bos_token_id: beginOfText, eos_token_id: endOfText, pad_token_id: pad };
}

/** Names that the special tokens have in tokenizer files: ours first, then those of Llama 2 and Llama 3. */
const END_OF_TEXT = ['<|endoftext|>', '</s>', '<|end_of_text|>'];
const PAD = ['<|pad|>', '<pad>'];
const BEGIN_OF_TEXT = ['<|bos|>', '<s>', '<|begin_of_text|>'];

/** What the file is called beside a model's weights. */
export const TOKENIZER_FILE = 'tokenizer.json';
/** File of the tokenizer that trainings here use: byte-level BPE, 4,096 entries. */
export const BUILT_IN_TOKENIZER = join(packageRoot(), 'src', 'data', 'tokenizer', 'default.json');

/**
 * Reads a tokenizer in Hugging Face's tokenizer.json format.
 * @param path File; the built-in one where it is left out.
 * @throws Mm1Error E_TOKENIZER where the file is missing, malformed or without a token that begins or ends a text.
 */
export function loadTokenizer(path?: string): Tokenizer {
  const file = path ?? BUILT_IN_TOKENIZER;
  const tokenizer = parse(file);
  const findToken = (names: readonly string[]): number | undefined =>
    names.map((name) => tokenizer.token_to_id(name)).find((id) => id !== undefined);
  const specialToken = (names: readonly string[]): number => {
    const id = findToken(names);
    if (id === undefined) throw fault(`A tokenizer has no special token ${names.join(' or ')}`, file);
    return id;
  };
  const endOfText = specialToken(END_OF_TEXT);
  return {
    encode: (text) => tokenizer.encode(text, { add_special_tokens: false }).ids,
    decode: (ids) =>
      // The library refuses to decode nothing.
      ids.length === 0
        ? ''
        : tokenizer.decode([...ids], { skip_special_tokens: true, clean_up_tokenization_spaces: false }),
    vocabularySize: 1 + Math.max(...tokenizer.get_vocab(true).values()),
    endOfText,
    pad: findToken(PAD) ?? endOfText, // Llama's has none: padding is masked wherever it stands
    beginOfText: specialToken(BEGIN_OF_TEXT),
  };
}

function parse(file: string): HuggingFaceTokenizer {
  try {
    return new HuggingFaceTokenizer(JSON.parse(readFileSync(file, 'utf8')), {});
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw fault(`A tokenizer cannot be read: ${reason}`, file, cause);
  }
}

function fault(message: string, where: string, cause?: unknown): Mm1Error {
  return new Mm1Error(message, {
    code: 'E_TOKENIZER',
    where,
    remedy: "Give a tokenizer.json in Hugging Face's format.",
    cause,
  });
}
