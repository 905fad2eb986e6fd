import { BASIC, type ScenePurpose } from '../world/skills/index.js';
import { worldSource } from '../world/source.js';
import type { BuiltInCorpus, Counts } from './corpus.js';

/** The procedural world never ends: this many scenes of each side stand for it. */
const SCENES = { train: 10_000, 'held-out': 1_000 };
/** Seed of the world's scenes: it is no setting, so that all runs see the same world. */
const SEED = 0;

function world(
  name: string,
  kind: BuiltInCorpus['kind'],
  about: string,
  counts: Counts,
  skills?: readonly ScenePurpose[],
): BuiltInCorpus {
  return {
    name,
    kind,
    about,
    licence: 'Apache-2.0',
    debian: null,
    random: true,
    counts,
    open: (side) => worldSource({ seed: SEED, split: side, kinds: [kind], skills, scenes: SCENES[side] }),
  };
}

/** What the scenes of the basic skills come to. */
const BASICS = {
  captions: { pictures: 11_000, documents: 11_000, words: 624_015 },
  questions: { pictures: 52_800, documents: 52_800, words: 311_300 },
  texts: { pictures: 0, documents: 11_000, words: 1_053_892 },
};

/** Drawn scenes with graded detail: captions, questions whose answers are balanced, documents that need their context, and text. */
export const worlds: readonly BuiltInCorpus[] = [
  world('world-captions', 'caption', 'drawn scenes, named in full and as the web would', {
    pictures: 11_000,
    documents: 11_000,
    words: 738_789,
  }),
  world('world-questions', 'question', 'questions about drawn scenes, balanced against guessing', {
    pictures: 40_830,
    documents: 40_830,
    words: 316_130,
  }),
  world('world-documents', 'interleaved', 'drawn scenes that need an earlier one, or a rule', {
    pictures: 47_664,
    documents: 11_000,
    words: 260_328,
  }),
  world('world-texts', 'text', 'the scenes told in words, with the questions', {
    pictures: 0,
    documents: 11_000,
    words: 1_131_909,
  }),
  world(
    'world-scatter-captions',
    'caption',
    'drawn things of every kind and size all over the picture: what encoders learn parts from',
    { pictures: 11_000, documents: 11_000, words: 9_061_771 },
    ['scatter'],
  ),
  world(
    'world-basics-captions',
    'caption',
    'drawn scenes of one thing or of a crowd, named in full',
    BASICS.captions,
    BASIC,
  ),
  world(
    'world-basics-questions',
    'question',
    'what the one thing is, and the colours of a crowd',
    BASICS.questions,
    BASIC,
  ),
  world('world-basics-texts', 'text', 'the same scenes told in words, with the questions', BASICS.texts, BASIC),
];
