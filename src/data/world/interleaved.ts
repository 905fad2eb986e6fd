import { type Random, random } from '../../random.js';
import { place } from './place.js';
import type { Scene, Thing } from './scene.js';
import { nonsenseWordsOf, type Split, stringsOf } from './split.js';
import { oneOf, shapeThing, signThing, someOf } from './things.js';
import { COLOUR_NAMES, type Grade, SHAPES } from './vocabulary.js';

/** A document before its pictures are drawn. */
export interface WorldDocument {
  readonly id: string;
  /** The last piece is a text: the answer, which follows from an earlier picture or from the document's own rule. */
  readonly pieces: readonly ({ readonly text: string } | { readonly scene: Scene })[];
}

const PICTURES = 3;
const ORDINALS = ['first', 'second', 'third'] as const;
/** Words that a document gives a meaning, and pictures of each before the last. */
const WORDS = 3;
const SHOWN = 2;
/** Grades that can be seen at every resolution: these documents ask for memory, not for sharp eyes. */
const VISIBLE: readonly Grade[] = ['large', 'huge'];

/** The forms that documents have, one after another. */
const FORMS = [whichPicture, whatItSaid, rule] as const;

/** A document in which what stands last needs what stands before: a pure function of what it is given. */
export function worldDocument(split: Split, seed: number, index: number): WorldDocument {
  const id = `world/${split}/interleaved/${seed}/${index}`;
  return { id, pieces: FORMS[index % FORMS.length]!(id, split, random(seed, id)) };
}

/** Asks which of the pictures showed something. */
function whichPicture(id: string, split: Split, stream: Random): WorldDocument['pieces'] {
  const shapes = someOf(SHAPES, PICTURES, stream);
  const things = someOf(COLOUR_NAMES, PICTURES, stream).map((colour, i) =>
    shapeThing(colour, shapes[i]!, oneOf(VISIBLE, stream), split, stream),
  );
  const asked = stream.below(PICTURES);
  const { fill, colour, shape } = things[asked]!;
  return [
    ...things.flatMap((thing, i) => [
      { text: `The ${ORDINALS[i]} picture:` },
      pictureOf(id, i, [thing], split, stream),
    ]),
    { text: `Question: Which picture shows a ${fill} ${colour} ${shape}? Short answer:` },
    { text: ` the ${ORDINALS[asked]}` },
  ];
}

/** Asks what a sign of an earlier picture said. */
function whatItSaid(id: string, split: Split, stream: Random): WorldDocument['pieces'] {
  const signs = someOf(stringsOf(split), PICTURES, stream).map((text) =>
    signThing(oneOf(COLOUR_NAMES, stream), text, oneOf(VISIBLE, stream), stream),
  );
  const asked = stream.below(PICTURES);
  return [
    ...signs.flatMap((sign, i) => [{ text: `The ${ORDINALS[i]} picture:` }, pictureOf(id, i, [sign], split, stream)]),
    { text: `Question: What does the sign of the ${ORDINALS[asked]} picture say? Short answer:` },
    { text: ` ${signs[asked]!.text}` },
  ];
}

/** Gives words a meaning by example, a shape or a colour each, and asks for one of them. */
function rule(id: string, split: Split, stream: Random): WorldDocument['pieces'] {
  const words = someOf(nonsenseWordsOf(split), WORDS, stream);
  const meansShape = stream.below(2) === 0;
  const shapes = someOf(SHAPES, WORDS, stream);
  const colours = someOf(COLOUR_NAMES, WORDS, stream);
  const order = stream.permutation(WORDS * SHOWN);
  const shown = [...Array.from(order, (i) => i % WORDS), stream.below(WORDS)];
  return shown.flatMap((word, i) => {
    const shape = meansShape ? shapes[word]! : oneOf(shapes, stream);
    const colour = meansShape ? oneOf(colours, stream) : colours[word]!;
    const thing = shapeThing(colour, shape, oneOf(VISIBLE, stream), split, stream);
    const picture = pictureOf(id, i, [thing], split, stream);
    const last = i === shown.length - 1;
    return [
      picture,
      ...(last ? [{ text: 'This is a' }, { text: ` ${words[word]}` }] : [{ text: `This is a ${words[word]}.` }]),
    ];
  });
}

function pictureOf(id: string, number: number, things: readonly Thing[], split: Split, stream: Random) {
  const grade = things[0]!.grade;
  const scene: Scene = {
    id: `${id}/${number}`,
    split,
    skill: 'interleaved',
    grade,
    things: place(things, stream),
    questions: [],
  };
  return { scene };
}
