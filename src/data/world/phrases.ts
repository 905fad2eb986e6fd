import type { Box } from '../regions.js';
import type { NamedPart } from '../sources/source.js';
import { MASTER_SIDE, type Scene, type Thing } from './scene.js';
import type { ShapeName } from './vocabulary.js';

const ROWS = ['top', 'middle', 'bottom'];
const COLUMNS = ['left', 'middle', 'right'];

export function pluralOf(shape: ShapeName): string {
  return shape === 'cross' ? 'crosses' : `${shape}s`;
}

/** Third of the picture that the middle of a box lies in: "top left", "middle right"; "middle" for the one within. */
export function placeOf({ top, left, height, width }: Box): string {
  const third = (middle: number) => Math.floor((3 * middle) / MASTER_SIDE);
  const [row, column] = [ROWS[third(top + height / 2)]!, COLUMNS[third(left + width / 2)]!];
  return row === column ? row : `${row} ${column}`;
}

/** All that can be seen of a thing but its place: "tiny hollow red star", "large blue sign that says K7". */
export function phraseOf(thing: Thing): string {
  const { grade, colour } = thing;
  switch (thing.kind) {
    case 'shape':
      return `${grade} ${thing.fill} ${colour} ${thing.shape}`;
    case 'sign':
      return `${grade} ${colour} sign that says ${thing.text}`;
    case 'dial':
      return `${grade} ${colour} dial that shows ${thing.hour}`;
    case 'chart': {
      const bars = thing.bars.map((bar) => `${bar.colour} at ${bar.ticks * thing.step}`);
      return `${grade} ${colour} chart with bars ${bars.join(', ')}`;
    }
  }
}

/** Names every thing with its attributes and its place (the role of VeCap's captions; Lai et al., 2023). */
export function denseCaption(scene: Scene): string {
  return scene.things.map((thing) => `A ${phraseOf(thing)} is at the ${placeOf(thing.box)}.`).join(' ');
}

/** The things' boxes, in shares of the picture's side, and what each shows. */
export function partsOf(scene: Scene): NamedPart[] {
  return scene.things.map((thing) => {
    const { top, left, height, width } = thing.box;
    const box = [top, left, height, width].map((length) => length / MASTER_SIDE) as [number, number, number, number];
    return { box, phrase: phraseOf(thing) };
  });
}
