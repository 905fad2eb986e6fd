// Draws dense scenes of the procedural world side by side, the finest grade of detail first: of each the middle, pixel for
// pixel, so that the files stay small.
// Writes docs/world-224.png and docs/world-378.png, the same scenes at both sizes.
//   npm run build && node scripts/world-sheet.mjs
import sharp from 'sharp';
import { worldPixels } from '../dist/data/world/pixels.js';
import { sceneOf } from '../dist/data/world/skills/index.js';

const GRADES = ['tiny', 'small', 'medium', 'large'];
const GAP = 4;
const SEED = 0;
/** A palette keeps the files small; the pictures themselves have all colours. */
const COLOURS = 24;

for (const side of [224, 378]) {
  const shown = Math.round(side * 0.6);
  const edge = Math.floor((side - shown) / 2);
  const pictures = await Promise.all(
    GRADES.map(async (grade, column) => {
      const pixels = worldPixels(sceneOf('dense', grade, 'train', SEED, column), side);
      const raw = { width: side, height: side, channels: 3 };
      const middle = { left: edge, top: edge, width: shown, height: shown };
      const input = await sharp(pixels, { raw }).extract(middle).png().toBuffer();
      return { input, left: column * (shown + GAP), top: 0 };
    }),
  );
  const width = GRADES.length * (shown + GAP) - GAP;
  const sheet = sharp({ create: { width, height: shown, channels: 3, background: '#ffffff' } }).composite(pictures);
  const file = `docs/world-${side}.png`;
  const { size } = await sheet.png({ palette: true, colours: COLOURS, dither: 0 }).toFile(file);
  console.log(`${file}: ${size} bytes`);
}
