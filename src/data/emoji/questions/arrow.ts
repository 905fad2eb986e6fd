import type { QuestionKind } from './question-kind.js';

/** Arrows whose label does not say where they point; all vendors draw them alike. */
const BY_CONVENTION: Readonly<Record<string, string>> = {
  'up-down arrow': 'up and down',
  'left-right arrow': 'left and right',
  'BACK arrow': 'left',
  'END arrow': 'left',
  'ON! arrow': 'left and right',
  'SOON arrow': 'right',
  'TOP arrow': 'up',
};

/** Where an arrow's head is: "up", "down left", "left and right"; of a curved arrow where it ends. */
export const arrow: QuestionKind = {
  name: 'arrow',
  text: 'Which way does the arrow point?',
  askedOfHeldOut: false,
  answer: ({ label, subgroup }) => {
    if (subgroup !== 'arrow') return null;
    const curved = /^(?:left|right) arrow curving (left|right|up|down)$/.exec(label);
    const straight = /^((?:up|down)(?:-(?:left|right))?|left|right) arrow$/.exec(label);
    return BY_CONVENTION[label] ?? curved?.[1] ?? straight?.[1]?.replace('-', ' ') ?? null;
  },
};
