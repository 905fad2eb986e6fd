import type { Recipe, ScaleName } from '../config/recipe.js';
import { checkRules } from '../config/rules.js';
import { defaultRecipe } from '../config/scales.js';
import { sequenceLength } from '../config/sequence-length.js';
import { loadTokenizer } from '../data/tokenizer/index.js';
import { usage } from '../errors.js';
import { type Catalogue, catalogue } from '../model/costs/catalogue.js';
import { clipModelCosts, decoderModelCosts, type PartCosts, visionTowerCosts } from '../model/costs/checkpoint.js';
import { type Description, describeCheckpoint } from '../model/huggingface/index.js';

/** Sequence of the paper's own sizes (MM1, section 3.3). */
const PAPER_SEQUENCE = 4096;

/** The named models of one scale, and what they were counted at. */
export interface ScaleModels extends Catalogue {
  readonly scale: ScaleName;
  /** Side of the picture in pixels. */
  readonly resolution: number;
  /** Visual tokens that a connector makes where it reduces the patches. */
  readonly tokens: number;
  /** Tokens of a sequence of the language model. */
  readonly sequence: number;
  /** The encoder that the connectors stand behind. */
  readonly encoder: string;
  /** Entries of the tokenizer. */
  readonly vocabulary: number;
}

/**
 * Counts the named models of some scales, with the built-in tokenizer, on sequences as in training (at MM1's sizes with 144
 * visual tokens its own 4,096).
 * @param resolution side of a picture in pixels
 * @param tokens visual tokens of a picture
 * @throws Mm1Error E_USAGE where resolution and tokens do not fit each other or the patches
 */
export function modelsAt(scales: readonly ScaleName[], resolution: number, tokens: number): ScaleModels[] {
  const vocabulary = loadTokenizer().vocabularySize;
  return scales.map((scale) => {
    const defaults = defaultRecipe(scale);
    const { encoder, connector } = defaults;
    const recipe = { ...defaults, encoder: { ...encoder, resolution }, connector: { ...connector, tokens } };
    checkPicture(recipe);
    const sequence = sequenceLength(defaults.data, tokens);
    const models = catalogue(recipe, vocabulary, sequence);
    return { scale, resolution, tokens, sequence, encoder: encoder.model, vocabulary, ...models };
  });
}

/** A published model. */
export interface CheckpointModel {
  /** Its class in Hugging Face transformers. */
  readonly architecture: string;
  /** What its config.json says, by dotted names. */
  readonly sizes: Readonly<Record<string, string | number | boolean>>;
  readonly parameters: number;
  readonly parts: readonly PartCosts[];
}

/**
 * Counts what the model in a folder holds and costs, from its config.json and the headers of its weights. A sequence of a
 * language model is the paper's, or the longest that it was trained on.
 * @throws Mm1Error E_CHECKPOINT if the folder holds no model that is read here, or a damaged one
 */
export function checkpointModel(folder: string): CheckpointModel {
  const found = describeCheckpoint(folder);
  const parts = partsOf(found);
  const parameters = parts.reduce((sum, part) => sum + part.parameters, 0);
  return { architecture: found.architecture, sizes: dotted(found.config), parameters, parts };
}

function partsOf(found: Description): PartCosts[] {
  if (found.architecture === 'CLIPModel') return clipModelCosts(found.config);
  if (found.architecture === 'CLIPVisionModel') return [visionTowerCosts(found.config)];
  return [decoderModelCosts(found.config, Math.min(PAPER_SEQUENCE, found.longest))];
}

/** Sizes by dotted names: `vision.hidden_size`. */
function dotted(sizes: object): Record<string, string | number | boolean> {
  const entries = Object.entries(sizes).flatMap(([name, value]) =>
    typeof value === 'object'
      ? Object.entries(dotted(value)).map(([inner, size]) => [`${name}.${inner}`, size])
      : [[name, value]],
  );
  return Object.fromEntries(entries);
}

function checkPicture(recipe: Recipe): void {
  const { tokens } = recipe.connector;
  const fault = Number.isInteger(Math.sqrt(tokens))
    ? checkRules(recipe)[0]?.message
    : `${tokens} visual tokens are no square, and they form a square grid`;
  if (fault === undefined) return;
  throw usage('--resolution, --tokens', fault, 'Give other numbers by --resolution and --tokens.');
}
