import type { Recipe } from './recipe.js';

/** A rule between settings that a recipe breaks. */
export interface Breach {
  /** The settings that take part, the one most likely meant to change first. */
  readonly paths: readonly string[];
  readonly message: string;
}

/** Everything that is wrong with a recipe whose settings are valid one by one. */
export function checkRules(recipe: Recipe): Breach[] {
  const breaches: Breach[] = [];
  const { resolution, patch } = recipe.encoder;
  const side = Math.floor(resolution / patch);
  if (resolution % patch !== 0) {
    const nearest = [side * patch, (side + 1) * patch].filter((size) => size > 0);
    breaches.push({
      paths: ['encoder.resolution', 'encoder.patch'],
      message: `a resolution of ${resolution} px is no multiple of the patch of ${patch} px; the nearest: ${nearest.join(', ')}`,
    });
  } else if (recipe.connector.tokens > side ** 2) {
    breaches.push({
      paths: ['connector.tokens', 'encoder.resolution', 'encoder.patch'],
      message: `${recipe.connector.tokens} visual tokens are more than the ${side ** 2} patches (${side} x ${side}) of a ${resolution}-px picture with patches of ${patch} px`,
    });
  }
  const { caption, question, text } = recipe.data;
  if (caption + question + text === 0) {
    breaches.push({
      paths: ['data.caption', 'data.question', 'data.text'],
      message: 'the weights of caption, question and text are all 0: there is nothing to train on',
    });
  }
  const { warmup, steps } = recipe.training;
  if (warmup > steps) {
    breaches.push({
      paths: ['training.warmup', 'training.steps'],
      message: `a warm-up of ${warmup} steps is longer than the training of ${steps}`,
    });
  }
  return breaches;
}
