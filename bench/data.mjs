// Measures what the readers of somebody's own data promise, each in a process of its own: how long a corpus of 100,000
// documents takes to its first document, and the most memory that a walk over all of it takes.
//   npm run build && node bench/data.mjs          all of it
//   npm run build && node bench/data.mjs jsonl    one of: jsonl, webdataset, coco, llava

import { fork } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { pack } from 'tar-stream';
import { openSource, sourceSchema } from '../dist/data/sources/index.js';

const DOCUMENTS = 100_000;
const WORDS = 'a picture of several things that stand on a table beside a window '.repeat(15);

const numbers = Array.from({ length: DOCUMENTS }, (_, i) => i);
const picture = () =>
  sharp({ create: { width: 64, height: 64, channels: 3, background: '#336699' } })
    .jpeg()
    .toBuffer();

async function imageFolder(folder) {
  mkdirSync(join(folder, 'images'));
  writeFileSync(join(folder, 'images', '0.jpg'), await picture());
}

/** Writes a list piece by piece. */
function writeAll(path, pieces) {
  return pipeline(pieces, createWriteStream(path));
}

/** Each makes its corpus in a folder, and returns what a grid says of it. */
const CORPORA = {
  async jsonl(folder) {
    await writeAll(join(folder, 'text.jsonl'), function* () {
      for (const i of numbers) yield `${JSON.stringify({ text: `${i} ${WORDS}` })}\n`;
    });
    return { jsonl: 'text.jsonl' };
  },

  async webdataset(folder) {
    const content = await picture();
    const archive = pack();
    const written = pipeline(archive, createWriteStream(join(folder, 'shard.tar')));
    for (const i of numbers) {
      archive.entry({ name: `${i}.jpg` }, content);
      await new Promise((resolve) => archive.entry({ name: `${i}.txt` }, `picture ${i}`, resolve));
    }
    archive.finalize();
    await written;
    return { webdataset: 'shard.tar' };
  },

  async coco(folder) {
    await imageFolder(folder);
    await writeAll(join(folder, 'captions.json'), function* () {
      yield '{"images": [';
      for (const i of numbers) yield `${i ? ',' : ''}{"id": ${i}, "file_name": "0.jpg", "height": 480, "width": 640}`;
      yield '], "annotations": [';
      for (const i of [...numbers, ...numbers, ...numbers, ...numbers, ...numbers].keys()) {
        yield `${i ? ',' : ''}{"id": ${i}, "image_id": ${i % DOCUMENTS}, "caption": "Caption ${i} of about fifty letters, as in COCO."}`;
      }
      yield ']}';
    });
    return { coco: { annotations: 'captions.json', images: 'images' } };
  },

  async llava(folder) {
    await imageFolder(folder);
    const conversations = [
      { from: 'human', value: '<image>\nWhat is it?' },
      { from: 'gpt', value: WORDS },
    ];
    await writeAll(join(folder, 'llava.json'), function* () {
      for (const id of numbers) yield `${id ? ',' : '['}${JSON.stringify({ id, image: '0.jpg', conversations })}`;
      yield ']';
    });
    return { llava: { conversations: 'llava.json', images: 'images' } };
  },
};

/** In a process of its own: walks a corpus, and tells what it took. */
async function walk({ spec, folder }) {
  const start = performance.now();
  const source = await openSource(sourceSchema.parse(spec), folder);
  let [first, documents] = [0, 0];
  for await (const _ of source.documents()) {
    if (documents++ === 0) first = (performance.now() - start) / 1000;
  }
  const all = (performance.now() - start) / 1000;
  process.send({ first, all, documents, megabytes: process.resourceUsage().maxRSS / 1024 });
  process.disconnect();
}

async function measure(name) {
  const folder = mkdtempSync(join(tmpdir(), 'mm1-bench-data-'));
  try {
    const spec = await CORPORA[name](folder);
    const child = fork(fileURLToPath(import.meta.url));
    child.send({ spec, folder });
    const told = await new Promise((resolve, reject) => {
      child.once('message', resolve);
      child.once('exit', (status) => reject(new Error(`the walk over ${name} ended with status ${status}`)));
    });
    return {
      corpus: name,
      documents: told.documents,
      'to the first, s': Number(told.first.toFixed(2)),
      'to the last, s': Number(told.all.toFixed(1)),
      'most memory, MB': Math.round(told.megabytes),
      holds: told.documents === DOCUMENTS && told.first < 2 && told.megabytes < 300,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.send) process.once('message', walk);
else {
  const asked = process.argv.slice(2);
  const rows = [];
  for (const name of asked.length > 0 ? asked : Object.keys(CORPORA)) {
    process.stderr.write(`${name} ...\n`);
    rows.push(await measure(name));
  }
  console.log(`node ${process.version}, ${cpus().length} cores of ${cpus()[0]?.model.trim()}`);
  console.table(rows);
}
