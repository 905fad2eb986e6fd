import { shotsOf } from '../../config/plan.js';
import { atDetail } from '../../data/detail.js';
import { writeImageSet } from '../../data/image-set.js';
import type { SourceImage } from '../../data/sources/source.js';
import { drawDemonstrations, examplesNeeded } from '../../evaluate/demonstrations.js';
import { type AskedTask, writeQuestions } from '../../evaluate/question-folder.js';
import { taskOf } from '../../evaluate/tasks/index.js';
import type { DrawnItem, Item } from '../../evaluate/tasks/task.js';
import { checkUnchanged } from '../../plan/sources.js';
import type { StageRunner } from './stage-kind.js';

/** Draws what every variant is asked, with its demonstrations, and all of their pictures at one resolution. */
export const questions: StageRunner<'questions'> = async (spec, context) => {
  const { concepts, evaluation, resolution, detail } = spec;
  const pictures = new Map<string, SourceImage>();
  const kept = ({ image, ...item }: DrawnItem): Item => {
    if (image) pictures.set(image.id, image);
    return { ...item, image: image?.id ?? null };
  };
  const tasks: AskedTask[] = [];
  for (const task of evaluation.tasks) {
    const shots = Math.max(...shotsOf(task, evaluation));
    if (task.source) {
      for (const source of [task.source, task.examples]) {
        if (source) checkUnchanged(task.kind, source, context.places);
      }
    }
    const place = {
      places: context.places,
      concepts,
      items: evaluation.items,
      demonstrations: POOL * examplesNeeded(shots),
    };
    const drawing = taskOf(task);
    const { asked, examples, notes } = await drawing.draw(place);
    for (const note of notes ?? []) context.note(`${task.name}: ${note}`);
    const drawn = new Map(examples.map((example) => [example.id, example]));
    const plain = examples.map(({ image, ...example }): Item => ({ ...example, image: image?.id ?? null }));
    const demonstrations =
      shots === 0 || drawing.answer === 'measured'
        ? []
        : Array.from({ length: evaluation.demonstration_seeds }, (_, seed) =>
            drawDemonstrations(task.name, plain, shots, seed),
          );
    for (const { id } of demonstrations.flat(2)) kept(drawn.get(id)!);
    tasks.push({ name: task.name, items: asked.map(kept), demonstrations });
  }
  const shown = [...pictures.values()].map((picture) => atDetail(picture, detail));
  let said = Promise.resolve();
  const bytes = await writeImageSet(context.folder, shown, resolution, (done, total) => {
    said = context.progress({ done, total });
    said.catch(() => {}); // looked at below: drawing has no place to stop at
  });
  await said;
  writeQuestions(context.folder, tasks);
  return {
    tasks: tasks.length,
    items: tasks.reduce((sum, { items }) => sum + items.length, 0),
    pictures: shown.length,
    bytes,
  };
};

/** Examples of a task for each that a seed's demonstrations take, so that seeds differ. */
const POOL = 8;
