import type { Box, Region } from '../regions.js';
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

/** The things' boxes in a picture of the scene, and what each shows. @param side of the picture in pixels */
export function regionsOf(scene: Scene, side: number): Region[] {
  const scale = side / MASTER_SIDE;
  return scene.things.map((thing) => {
    const { top, left, height, width } = thing.box;
    const box = { top: top * scale, left: left * scale, height: height * scale, width: width * scale };
    return { box, phrase: phraseOf(thing) };
  });
}
