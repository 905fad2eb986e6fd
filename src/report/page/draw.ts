import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { FigureSpec } from '../figures/figure.js';

/** Colours that stay apart for who sees few of them (Okabe and Ito, 2008), on light and on dark. */
const PALETTE = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#999999', '#b8a900'];

const INK = 'currentColor';
const FAINT = '#88888855';

/** What a drawing takes from the page: its letters and its ink. */
const CONFIG = {
  background: null,
  font: 'system-ui, sans-serif',
  range: { category: PALETTE },
  title: { color: INK, fontSize: 12 },
  view: { stroke: FAINT },
  axis: {
    labelColor: INK,
    titleColor: INK,
    gridColor: FAINT,
    domainColor: FAINT,
    tickColor: FAINT,
    titleFontWeight: 'normal',
  },
  legend: { labelColor: INK, titleColor: INK, titleFontWeight: 'normal' },
  header: { labelColor: INK, titleColor: INK, titleFontWeight: 'normal' },
  bar: { color: PALETTE[0] },
  point: { color: PALETTE[0] },
  line: { color: PALETTE[0] },
} as const;

/** Draws a figure as SVG of its own size, in the colours of the text around it. */
export async function drawFigure({ spec }: FigureSpec): Promise<string> {
  const whole = { $schema: 'https://vega.github.io/schema/vega-lite/v6.json', ...spec, config: CONFIG };
  const view = new View(parse(compile(whole as unknown as TopLevelSpec).spec), { renderer: 'none' });
  try {
    // Its parts say nothing to a reader of screens: the figure has a name and a text, and the page's tables have the numbers.
    return (await view.toSVG()).replaceAll(/ (?:role|aria-[a-z]+)="[^"]*"/g, '');
  } finally {
    view.finalize();
  }
}
