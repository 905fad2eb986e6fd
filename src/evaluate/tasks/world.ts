import type { WorldSkill } from '../../config/tasks.js';
import { denseCaption } from '../../data/world/phrases.js';
import type { Scene } from '../../data/world/scene.js';
import { SKILLS, sceneAt, sceneOf } from '../../data/world/skills/index.js';
import { worldImage } from '../../data/world/source.js';
import type { Split } from '../../data/world/split.js';
import { GRADES } from '../../data/world/vocabulary.js';
import { scoreAnswers, scoreCaptions } from './scoring.js';
import { type DrawnItem, EVALUATION_SEED, guesses, type Task, type TaskPlace } from './task.js';

/**
 * Questions about scenes that were made to ask one skill, every grade of detail as often, in turn: an item's id names its
 * grade. Held-out scenes share no combination of attributes and no string with training ones. All answers are as likely.
 */
export function worldSkill(skill: WorldSkill): Task {
  const items = (split: Split, count: number) => {
    const found: DrawnItem[] = [];
    for (let i = 0; found.length < count; i++) {
      const scene = sceneOf(
        skill,
        GRADES[i % GRADES.length]!,
        split,
        EVALUATION_SEED,
        ASKED + Math.floor(i / GRADES.length),
      );
      found.push(...questionsOf(scene).slice(0, count - found.length));
    }
    return found;
  };
  return {
    group: 'vqa',
    prompt: 'question',
    answer: 'written',
    metric: 'VQA accuracy',
    limit: 8,
    stops: ['\n', '.', ',', 'Question'],
    draw: async (place) => ({
      asked: items('held-out', place.items),
      examples: oneAScene(items('train', EXAMPLES_A_SCENE * place.demonstrations), place),
    }),
    score: scoreAnswers,
    chance: () => 100 * SKILLS[skill].chance('held-out'),
  };
}

/** What all can be seen? Scored by CIDEr-D against the dense caption; a guess is another scene's. */
export const worldCaption: Task = {
  group: 'captioning',
  prompt: 'world-caption',
  answer: 'written',
  metric: 'CIDEr-D',
  limit: 96,
  stops: ['\n'],
  async draw({ items, demonstrations }) {
    const captioned = (split: Split, count: number) =>
      Array.from({ length: count }, (_, i): DrawnItem => {
        const scene = sceneAt(split, EVALUATION_SEED, ASKED + i);
        const { id } = scene;
        return {
          id,
          concept: id,
          image: worldImage(scene),
          question: '',
          references: [denseCaption(scene)],
          choices: [],
        };
      });
    const asked = captioned('held-out', items);
    const choices = asked.map(({ references }) => references[0]!);
    return { asked: asked.map((item) => ({ ...item, choices })), examples: captioned('train', demonstrations) };
  },
  score: scoreCaptions,
  chance: (items) => scoreCaptions(guesses(items), items).value,
};

/** Places of the scenes that are asked about, far behind any that is trained on: training scenes of one skill are asked as demonstrations. */
const ASKED = 1 << 28;
/** Most questions that a scene has. */
const EXAMPLES_A_SCENE = 12;

function questionsOf(scene: Scene): DrawnItem[] {
  return scene.questions.map(({ question, answer, kind }, i) => ({
    id: `${scene.id}/${i}`,
    concept: scene.id,
    image: worldImage(scene),
    question,
    references: [answer],
    choices: [],
    kind,
  }));
}

function oneAScene(items: readonly DrawnItem[], { demonstrations }: TaskPlace): DrawnItem[] {
  return [...new Map(items.map((item) => [item.concept, item])).values()].slice(0, demonstrations);
}
