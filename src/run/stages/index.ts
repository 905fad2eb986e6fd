import type { StageKind } from '../../plan/stage.js';
import { corpus } from './corpus.js';
import { encoder } from './encoder.js';
import { evaluate } from './evaluate.js';
import { features } from './features.js';
import { images } from './images.js';
import { languageModel } from './language-model.js';
import { pretrain } from './pretrain.js';
import type { StageRunner } from './stage-kind.js';

/** How each kind of stage is computed. */
export const STAGE_RUNNERS: { readonly [K in StageKind]: StageRunner<K> } = {
  corpus,
  images,
  encoder,
  features,
  'language-model': languageModel,
  pretrain,
  evaluate,
};
