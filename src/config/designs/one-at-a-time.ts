import type { DesignMaker } from './design.js';

/**
 * The base, and from it one axis at a time: the design of MM1's own ablations (arXiv 2403.09611, section 3.1). It says nothing
 * of how axes act together.
 */
export const oneAtATime: DesignMaker = ({ axes, centre }) => {
  const others = axes.flatMap(({ path, values }) =>
    values.filter((value) => value !== centre[path]).map((value) => ({ ...centre, [path]: value })),
  );
  return { cells: [centre, ...others], design: { kind: 'one-at-a-time' } };
};
