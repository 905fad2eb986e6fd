import type { Random } from '../../../random.js';
import type { SceneQuestion, Thing } from '../scene.js';
import type { Split } from '../split.js';
import type { Grade } from '../vocabulary.js';

/** Things in their places, and what is asked of them. */
export interface Composition {
  readonly things: readonly Thing[];
  readonly questions: readonly SceneQuestion[];
}

/** One thing that a model may be able to do. */
export interface Skill {
  /** Share of questions that are answered rightly by who does not see the picture: all answers are as likely, whatever is asked. */
  chance(split: Split): number;
  /** A scene of some grade of detail; the answers of its questions are drawn first, each alone. */
  compose(grade: Grade, split: Split, stream: Random): Composition;
}
