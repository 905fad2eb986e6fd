import { random } from '../../random.js';
import { questionLine } from '../examples.js';
import type { Source, SourceDocument, SourceImage } from '../sources/source.js';
import { altText } from './alt-text.js';
import { worldDocument } from './interleaved.js';
import { denseCaption, partsOf } from './phrases.js';
import { worldPixels } from './pixels.js';
import type { Scene } from './scene.js';
import { type ScenePurpose, sceneAt } from './skills/index.js';
import type { Split } from './split.js';

export interface WorldOptions {
  readonly seed: number;
  readonly split: Split;
  /** Kinds of documents; each scene (or, of the interleaved, each document) is of one kind, in turn. */
  readonly kinds: readonly SourceDocument['kind'][];
  /** What the scenes are made to ask; the world's mixture if left out. */
  readonly skills?: readonly ScenePurpose[] | undefined;
  /** Scenes after which the source ends; it is endless where this is left out. */
  readonly scenes?: number;
  /** Pictures show no more than they would at this side in pixels: see {@link worldPixels}. */
  readonly detail?: number;
}

/** How far off the scene lies that a wrong alternative text is about. */
const ELSEWHERE = 1 << 24;

/**
 * The procedural world as a source. Document n is a pure function of (seed, split, kinds, n); held-out scenes share no
 * combination of attributes and no string with training ones. A scene that is asked about gives a document a question.
 */
export function worldSource({ seed, split, kinds, skills, scenes = Infinity, detail }: WorldOptions): Source {
  let seen = 0;
  return {
    name: `world (${split})`,
    licence: 'Apache-2.0',
    async *documents() {
      for (let index = 0; index < scenes; index++) {
        const kind = kinds[index % kinds.length]!;
        for (const document of documentsOf(kind, Math.floor(index / kinds.length), { seed, split, skills, detail })) {
          seen++;
          yield document;
        }
      }
    },
    tally: () => ({ seen, skipped: {} }),
  };
}

interface World {
  readonly seed: number;
  readonly split: Split;
  readonly skills: readonly ScenePurpose[] | undefined;
  readonly detail: number | undefined;
}

function documentsOf(
  kind: SourceDocument['kind'],
  index: number,
  { seed, split, skills, detail }: World,
): SourceDocument[] {
  if (kind === 'interleaved') {
    const { id, pieces } = worldDocument(split, seed, index);
    return [{ kind, id, pieces: pieces.map((p) => ('scene' in p ? { image: worldImage(p.scene, detail) } : p)) }];
  }
  const scene = sceneAt(split, seed, index, skills);
  const { id, questions } = scene;
  const image = worldImage(scene, detail);
  switch (kind) {
    case 'caption': {
      const other = () => sceneAt(split, seed, index + ELSEWHERE, skills);
      const alt = altText(scene, other, random(seed, `alternative text of ${id}`));
      return [{ kind, id, image, alt: [alt], rewritten: [denseCaption(scene)], parts: partsOf(scene) }];
    }
    case 'question':
      return questions.map(({ question, answer }, i) => ({
        kind,
        id: `${id}/${i}`,
        image,
        question,
        answers: [answer],
      }));
    case 'text': {
      // The scene told in words in place of a picture: what a decoder learns to answer questions from.
      const asked = questions.map(({ question, answer }) => questionLine(question, answer));
      return [{ kind, id, text: [denseCaption(scene), ...asked].join('\n') }];
    }
  }
}

/** A scene as a picture of a source. @param detail see {@link worldPixels} */
export function worldImage(scene: Scene, detail?: number): SourceImage {
  return { id: scene.id, pixels: async (side) => worldPixels(scene, side, detail) };
}
