import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { picture, tar, write } from '../data/sources/own-data.js';
import { gridFolder, mm1, removePackage } from './grid.js';

// Somebody's own data of every kind, from files to a report, as a person would run it.

afterAll(removePackage);

const COLOURS = ['red', 'green', 'blue', 'yellow', 'black', 'purple'];
const HEX = ['#ff0000', '#00ff00', '#0000ff', '#ffff00', '#000000', '#800080'];

const GRID = `
scale: smoke
seeds: [0]
base:
  encoder: {model: vit-b, resolution: 56, steps: 2, batch: 4, data: dfn-5b}
  connector: {type: average-pool, tokens: 4}
  language_model: {steps: 2}
  training: {steps: 6, batch: 4, warmup: 1}
  data:
    caption: 30
    interleaved: 30
    text: 20
    question: 20
    concepts: 20
    caption_from: [{webdataset: "shards/{0..1}.tar"}, {corpus: emoji, weight: 2}]
    interleaved_from: {interleaved: {files: pages.jsonl, images: images}}
    text_from: [{text: {files: book.txt, document: paragraph}}, {jsonl: articles.jsonl, weight: 3}]
    question_from: {vqa: {questions: questions.json, annotations: annotations.json, images: images, image_name: "{id}.png"}}
evaluation: {tasks: [emoji-caption], items: 4}
`;

async function ownData(breakOne = false) {
  const place = gridFolder(GRID);
  const { folder } = place;
  mkdirSync(join(folder, 'images'));
  const pictures = await Promise.all(HEX.map((colour) => picture(colour)));
  const broken = Buffer.from(pictures[0]!.subarray(0, pictures[0]!.length - 40));
  for (const shard of [0, 1]) {
    const files = COLOURS.slice(3 * shard, 3 * shard + 3).flatMap((name, i): [string, string | Buffer][] => [
      [`${name}.png`, breakOne && i + shard === 0 ? broken : pictures[3 * shard + i]!],
      [`${name}.txt`, `a ${name} square`],
    ]);
    write(folder, `shards/${shard}.tar`, await tar(files));
  }
  COLOURS.forEach((name, i) => void writeFileSync(join(folder, 'images', `${name}.png`), pictures[i]!));
  COLOURS.forEach((_, i) => void writeFileSync(join(folder, 'images', `${i}.png`), pictures[i]!));
  const page = (i: number) => ({
    images: [`${COLOURS[i]}.png`, null, `${COLOURS[(i + 1) % 6]}.png`],
    texts: [null, `first ${COLOURS[i]}, then:`, null],
  });
  writeFileSync(join(folder, 'pages.jsonl'), COLOURS.map((_, i) => `${JSON.stringify(page(i))}\n`).join(''));
  writeFileSync(join(folder, 'book.txt'), COLOURS.map((name) => `All about ${name}.`).join('\n\n'));
  writeFileSync(join(folder, 'articles.jsonl'), COLOURS.map((name) => `${JSON.stringify({ text: name })}\n`).join(''));
  const questions = COLOURS.map((name, i) => ({ question_id: i, image_id: i, question: `Is it ${name}?` }));
  const annotations = COLOURS.map((_, i) => ({ question_id: i, image_id: i, answers: [{ answer: 'yes' }] }));
  return { ...place, questions, annotations };
}

it('a grid on own files of every kind trains, and its report says what it drew of them', async () => {
  const { grid, runs, folder, questions, annotations } = await ownData();
  writeFileSync(join(folder, 'questions.json'), JSON.stringify({ questions }));
  writeFileSync(join(folder, 'annotations.json'), JSON.stringify({ annotations }));
  const { status, stderr } = await mm1('ablate', grid, '--runs-dir', runs);
  expect(stderr).not.toMatch(/E_|failed/);
  expect(status).toBe(0);
  expect(stderr).toContain('0 of 6 left out');
  const report = JSON.parse((await mm1('report', '--run', 'latest', '--runs-dir', runs, '--format', 'json')).stdout);
  const drawn = Object.fromEntries(
    report.mixtures[0].kinds.map(({ kind, sequences }: { kind: string; sequences: number }) => [kind, sequences]),
  );
  expect(Object.keys(drawn)).toEqual(['caption', 'interleaved', 'text', 'question']);
  expect(Object.values(drawn).reduce((a, b) => (a as number) + (b as number))).toBe(24);
  expect(report.run.data).toContain('caption from emoji, {"webdataset"');
});

it('one broken picture of six is more than 1%: the trial stops and says why', async () => {
  const { grid, runs, folder, questions, annotations } = await ownData(true);
  writeFileSync(join(folder, 'questions.json'), JSON.stringify({ questions }));
  writeFileSync(join(folder, 'annotations.json'), JSON.stringify({ annotations }));
  const { status, stderr } = await mm1('ablate', grid, '--runs-dir', runs);
  expect(status).toBe(1);
  expect(stderr).toContain('More than 1% of the data cannot be used: 1 of 6 left out: 1 broken image');
  expect(stderr).not.toContain('    at ');
});
