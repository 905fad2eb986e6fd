import type { DrawnItem, Item, TaskPlace } from '../../../src/evaluate/tasks/task.js';

/** All items of a task, and some examples. */
export const ALL: TaskPlace = { places: { grid: '.', runs: '.' }, concepts: 48, items: 1e6, demonstrations: 64 };

/** Items as they are scored, without what draws their pictures. */
export function plain(items: readonly DrawnItem[]): Item[] {
  return items.map(({ image, ...item }) => ({ ...item, image: image?.id ?? null }));
}
