// Measures what pictures cost, in this process alone, and prints it beside the promise.
//   npm run build && npm run bench:images
//
// Photos of 640 x 480 as JPEG are decoded and resized to 336 px: by ours, which equals CLIP's own preprocessing bit for
// bit, from the header's check to the pixels, and by sharp's own loop, whose bicubic does not. Both take the same photos
// in turns, one at a time, and are counted in processor time of all threads, so that it is the cost of one core.

import { cpus } from 'node:os';
import sharp from 'sharp';
import { Account } from '../dist/data/sources/account.js';
import { guardImage } from '../dist/data/sources/image-guard.js';
import { worldPixels } from '../dist/data/world/pixels.js';
import { sceneAt } from '../dist/data/world/skills/index.js';
import { random } from '../dist/random.js';

const PHOTOS = 200;
const [WIDTH, HEIGHT] = [640, 480];
const SIDE = 336;
const ROUNDS = 9;
const SLOWEST = 1.3;
const SCENES = 40;

/** A photo as far as a decoder can tell: waves of light, and noise. */
async function photo(i) {
  const stream = random(0, `photo ${i}`);
  const waves = Array.from({ length: 6 }, () => [
    0.05 * stream.uniform(),
    0.05 * stream.uniform(),
    2 * Math.PI * stream.uniform(),
    30 * stream.uniform(),
  ]);
  const pixels = new Uint8ClampedArray(WIDTH * HEIGHT * 3);
  for (let y = 0, at = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      let light = 110;
      for (const [across, down, phase, height] of waves) light += height * Math.sin(across * x + down * y + phase);
      for (let channel = 0; channel < 3; channel++) {
        pixels[at++] = light + 12 * channel + 20 * (stream.uniform() - 0.5);
      }
    }
  }
  return sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer();
}

const WAYS = {
  async ours(content) {
    const image = await guardImage('photo', content, new Account('photos'));
    return image.pixels(SIDE);
  },
  sharp: (content) => sharp(content).resize(SIDE, SIDE, { kernel: 'cubic', fit: 'cover' }).raw().toBuffer(),
};

/** Milliseconds of processor time for each photo. */
async function measure(way, photos) {
  const before = process.cpuUsage();
  for (const content of photos) await way(content);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / photos.length;
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

sharp.concurrency(1);
sharp.cache(false);
const photos = [];
for (let i = 0; i < PHOTOS; i++) photos.push(await photo(i));
const times = { ours: [], sharp: [] };
for (let round = -1; round < ROUNDS; round++) {
  const order = round % 2 === 0 ? ['ours', 'sharp'] : ['sharp', 'ours'];
  for (const name of order) {
    const time = await measure(WAYS[name], photos);
    if (round >= 0) times[name].push(time); // the first round warms up
  }
}
const ratio = median(times.ours) / median(times.sharp);
console.log(
  `node ${process.version}, sharp ${sharp.versions.sharp}, ${cpus().length} cores of ${cpus()[0]?.model.trim()}`,
);
console.table(
  Object.entries(times).map(([way, all]) => ({
    way,
    'ms a picture': Number(median(all).toFixed(2)),
    'pictures a second and core': Math.round(1000 / median(all)),
    least: Number(Math.min(...all).toFixed(2)),
    most: Number(Math.max(...all).toFixed(2)),
  })),
);
console.log(`ours / sharp: ${ratio.toFixed(2)}, promised: at most ${SLOWEST}`);
if (ratio > SLOWEST) process.exitCode = 1;

const scenes = Array.from({ length: SCENES }, (_, i) => sceneAt('train', 0, i));
const rows = [];
for (const side of [224, 336, 378]) {
  const all = [];
  for (let round = -1; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    for (const scene of scenes) worldPixels(scene, side);
    const { user, system } = process.cpuUsage(before);
    if (round >= 0) all.push((user + system) / 1000 / SCENES);
  }
  rows.push({ 'a picture of the world, px': side, ms: Number(median(all).toFixed(1)) });
}
console.table(rows);
