import type { StageKind } from '../../plan/stage.js';
import { corpus } from './corpus.js';
import { encoder } from './encoder.js';
import { evaluate } from './evaluate.js';
import { features } from './features.js';
import { languageModel } from './language-model.js';
import { pretrain } from './pretrain.js';
import { questions } from './questions.js';
import type { StageRunner } from './stage-kind.js';

/** How each kind of stage is computed. */
export const STAGE_RUNNERS: { readonly [K in StageKind]: StageRunner<K> } = {
  corpus,
  questions,
  encoder,
  features,
  'language-model': languageModel,
  pretrain,
  evaluate,
};
