import { DRAWN_KINDS, type Drawn } from '../data/drawn.js';
import { type MixtureRecipe, sharesOf } from '../data/mixture.js';

/** Shares that the recipe asks for, amounts of a training by kind, and sequences by source. */
type DrawnSummary = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** What was drawn in a training. */
export function drawnSummary(recipe: MixtureRecipe, drawn: Drawn): DrawnSummary {
  const entries = Object.entries(drawn);
  const kinds = DRAWN_KINDS.filter((kind) => entries.some(([name]) => name.startsWith(`${kind} `)));
  const total = (what: 'sequences' | 'tokens' | 'pictures') =>
    Object.fromEntries(
      kinds.map((kind) => [
        kind,
        entries.filter(([name]) => name.startsWith(`${kind} `)).reduce((sum, [, amount]) => sum + amount[what], 0),
      ]),
    );
  return {
    'sequences asked': sharesOf(recipe),
    'sequences drawn': total('sequences'),
    'text tokens drawn': total('tokens'),
    'pictures drawn': total('pictures'),
    'sequences by source': Object.fromEntries(entries.map(([name, { sequences }]) => [name, sequences])),
  };
}
