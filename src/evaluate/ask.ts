import * as tf from '@tensorflow/tfjs-core';
import type { FeatureSet } from '../data/feature-set.js';
import type { Tokenizer } from '../data/tokenizer/index.js';
import { LANGUAGE_MODEL_PREFIX, type MultimodalConfig, part, visualTokens } from '../model/multimodal.js';
import type { Parameters } from '../model/parameters.js';
import { greedy } from './decoding.js';
import type { Item } from './tasks/index.js';

/** A trained model and what it reads. */
export interface Subject {
  readonly parameters: Parameters;
  readonly config: MultimodalConfig;
  readonly tokenizer: Tokenizer;
  readonly features: FeatureSet;
}

/** Pictures at a time. */
const BATCH = 64;

/**
 * Asks every item with its picture, 0-shot. Items with the same prompt are asked together, so that no row is padded.
 * @param onDone told how many items were answered since it was last told
 * @returns each item's answer
 */
export async function ask(
  subject: Subject,
  items: readonly Item[],
  limit: number,
  onDone: (items: number) => Promise<void>,
): Promise<string[]> {
  const answers = new Array<string>(items.length).fill('');
  for (const [prompt, places] of byPrompt(items)) {
    for (let start = 0; start < places.length; start += BATCH) {
      const batch = places.slice(start, start + BATCH);
      const ids = batch.map((place) => items[place]!.image.id);
      const pictures = tf.tidy(() => {
        const { patches, width } = subject.features;
        const features = tf.tensor3d(subject.features.read(ids), [ids.length, patches, width]);
        return visualTokens(subject.parameters, subject.config, features);
      });
      const outputs = answer(subject, prompt, pictures, limit);
      pictures.dispose();
      batch.forEach((place, row) => {
        answers[place] = outputs[row]!;
      });
      await onDone(batch.length);
    }
  }
  return answers;
}

/** The blind control: every item without its picture. Equal prompts then have equal answers, and are asked once. */
export function askBlind(subject: Subject, items: readonly Item[], limit: number): string[] {
  const answers = new Array<string>(items.length).fill('');
  for (const [prompt, places] of byPrompt(items)) {
    const [output] = answer(subject, prompt, null, limit);
    for (const place of places) answers[place] = output!;
  }
  return answers;
}

function answer(subject: Subject, prompt: string, pictures: tf.Tensor3D | null, limit: number): string[] {
  const { tokenizer, config } = subject;
  const request = { prompt: tokenizer.encode(prompt), pictures, end: tokenizer.endOfText, limit };
  const outputs = greedy(part(subject.parameters, LANGUAGE_MODEL_PREFIX), config.decoder, request);
  return outputs.map((tokens) => tokenizer.decode(tokens).trim());
}

function byPrompt(items: readonly Item[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  items.forEach(({ prompt }, place) => {
    const places = groups.get(prompt);
    if (places) places.push(place);
    else groups.set(prompt, [place]);
  });
  return groups;
}
