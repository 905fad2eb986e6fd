import { expect, it } from 'vitest';
import { SCALE_NAMES } from '../../src/config/recipe.js';
import { defaultEvaluation, defaultRecipe, MIXTURES } from '../../src/config/scales.js';
import { type ClipSize, SIZES, type TowerSize } from '../../src/config/sizes.js';

// Every number that decides a result where a grid says nothing, as it was when results were last published. Whoever
// changes one on purpose writes the files anew, and says so: `npx vitest run --project all test/config/sizes.test.ts -u`

const tower = ({ width, layers, heads }: TowerSize) => `${width} wide, ${layers} deep, ${heads} heads`;
const clip = ({ vision, text, projection }: ClipSize) => `${tower(vision)}; text ${tower(text)}; shared ${projection}`;

it('every model is as large as it was', async () => {
  const lines = SCALE_NAMES.flatMap((scale) => {
    const { clip: clips, textTokens, pooling, aim, aimHeadBlocks, decoder, ...rest } = SIZES[scale];
    expect(rest).toEqual({});
    return [
      ...Object.entries(clips).map(([name, size]) => `${name}: ${clip(size)}`),
      `clip: ${textTokens} text tokens, pooling ${pooling}`,
      ...Object.entries(aim).map(([name, size]) => `${name}: ${tower(size)}`),
      `aim: ${aimHeadBlocks} blocks in the head`,
      `decoder: ${tower(decoder)}; ${decoder.keyValueHeads} key-value heads; ${decoder.intermediate} inside`,
      `experts: ${MIXTURES[scale] ? `${MIXTURES[scale].experts}, every ${MIXTURES[scale].expert_every} layers` : 'none'}`,
    ].map((line) => `${scale} ${line}`);
  });
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('sizes.txt');
});

it('a recipe is what it was where the grid says nothing', async () => {
  const settings = (prefix: string, value: unknown): string[] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, inner]) => settings(`${prefix}.${name}`, inner))
      : [`${prefix} = ${value}`];
  const lines = SCALE_NAMES.flatMap((scale) => [
    ...settings(scale, defaultRecipe(scale)),
    ...settings(`${scale}.evaluation`, defaultEvaluation(scale)),
  ]);
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('recipes.txt');
});

it.each([
  ['3b', 5.9e-5],
  ['7b', 4.2e-5],
  ['30b', 2.2e-5],
] as const)("%s is the paper's recipe", (scale, rate) => {
  expect(defaultRecipe(scale)).toMatchObject({
    // CLIP's ViT-L (Radford et al., 2021, tables 18 and 20): 32 rounds of 400 million pictures, and every patch of any size.
    encoder: {
      type: 'clip',
      model: 'vit-l',
      patch: 14,
      resolution: 336,
      contrast: 'images',
      // MM1's best encoder (section 3.2), and the size of DFN-5B.
      data: 'dfn-5b+vecap',
      pictures: 5e9,
      keep_patches: (378 / 14) ** 2,
      steps: (32 * 400e6) / 32_768,
      batch: 32_768,
      learning_rate: 4e-4,
    },
    // MM1 (section 3.1): the base of its ablations.
    connector: { type: 'c-abstractor', tokens: 144 },
    data: { caption: 45, interleaved: 45, text: 10, question: 0, concepts: 2000 },
    language_model: { type: 'dense', steps: 200_000, batch: 512, learning_rate: rate },
    // MM1 (section 3.3).
    training: {
      accumulate: 1,
      steps: 200_000,
      batch: 512,
      learning_rate: 'paper',
      encoder_learning_rate: rate,
      schedule: 'cosine',
      warmup: 2000,
      freeze: 'none',
      weight_decay: 0.1,
      clip: 1,
    },
  });
  // MM1 (section 3.3): sequences of 4,096 tokens with at most 16 pictures.
  const { data, connector } = defaultRecipe(scale);
  expect(data.text_tokens + data.images * connector.tokens).toBe(4096);
  expect(data.images).toBe(16);
});
