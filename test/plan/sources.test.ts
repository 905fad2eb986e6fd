import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { DATA_KINDS, type DataKind } from '../../src/config/recipe.js';
import { SOURCES } from '../../src/config/scales.js';
import { CORPORA } from '../../src/data/corpora/index.js';
import { corpusFolder, countsFile, unpackedFolder } from '../../src/data/corpora/place.js';
import { openSource, SOURCE_KINDS, sourceSchema } from '../../src/data/sources/index.js';
import { Mm1Error } from '../../src/errors.js';
import { sourceReader } from '../../src/plan/sources.js';

const root = mkdtempSync(join(tmpdir(), 'mm1-plan-sources-'));
afterAll(() => rmSync(root, { recursive: true }));

/** A grid's folder with files of every format, and a runs folder. */
let folder: string;
let runs: string;
beforeEach(() => {
  const whole = mkdtempSync(join(root, 'case-'));
  [folder, runs] = [join(whole, 'grid'), join(whole, 'runs')];
  for (const name of [
    'a.tar',
    'b.tar',
    'notes.txt',
    'rows.jsonl',
    'list.json',
    'answers.json',
    'pictures/deep/1.jpg',
  ]) {
    write(name, `content of ${name}`);
  }
});

function write(name: string, content: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), content);
}

type Entry = Parameters<ReturnType<typeof sourceReader>>[1];

const read = (kind: DataKind, entry: Entry) => sourceReader(runs)([kind], entry, folder).source;

function fault(kind: DataKind, entry: Entry): string {
  try {
    read(kind, entry);
  } catch (error) {
    if (error instanceof Mm1Error) return error.format();
    throw error;
  }
  throw new Error('the source was accepted');
}

const pictures = { images: 'pictures' };
const LLAVA = { llava: { conversations: 'list.json', ...pictures } };
const VQA = { vqa: { questions: 'list.json', annotations: 'answers.json', ...pictures } };
const PARQUET = { files: 'a.tar' };

describe('which kinds of data a source gives', () => {
  const given: [entry: Entry, kinds: readonly DataKind[]][] = [
    ['emoji-noto', ['caption']],
    ['wordnet', ['text']],
    ['world-documents', ['interleaved']],
    ['world-questions', ['question']],
    [{ webdataset: 'a.tar' }, ['caption']],
    [{ coco: { annotations: 'list.json', ...pictures } }, ['caption']],
    [VQA, ['question']],
    [{ interleaved: { files: 'rows.jsonl', ...pictures } }, ['interleaved']],
    [{ parquet: PARQUET }, ['caption']],
    [{ parquet: { ...PARQUET, question: 'q', answer: 'a' } }, ['question']],
    [{ parquet: { ...PARQUET, text: 'body' } }, ['text']],
    [{ jsonl: 'rows.jsonl' }, ['text']],
    [{ text: 'notes.txt' }, ['text']],
  ];

  it.each(given)('%j gives %j', (entry, kinds) => {
    expect(DATA_KINDS.filter((kind) => taken(kind, entry))).toEqual(kinds);
  });

  it('are known of every format', () => {
    const named = given.flatMap(([entry]) => (typeof entry === 'string' ? [] : Object.keys(entry)));
    expect(new Set([...named, 'llava'])).toEqual(new Set(SOURCE_KINDS));
    expect(taken('question', LLAVA)).toBe(true);
    expect(taken('text', LLAVA)).toBe(true);
    expect(taken('caption', LLAVA)).toBe(false);
  });

  function taken(kind: DataKind, entry: Entry): boolean {
    try {
      read(kind, entry);
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(Mm1Error);
      return false;
    }
  }

  it('are told where another is asked for', () => {
    expect(fault('text', 'emoji-noto')).toMatch(
      /^E_DATA: emoji-noto gives caption data, and not text\n {2}Corpora of that kind: .*wordnet/,
    );
    expect(fault('caption', LLAVA)).toMatch(/^E_DATA: llava gives .*question.* data, and not caption/);
  });

  it('are looked for in the order in which they are asked for', () => {
    const kindOf = (entry: Entry) => sourceReader(runs)(['caption', 'question'], entry, folder).kind;
    expect(kindOf({ coco: { annotations: 'list.json', ...pictures } })).toBe('caption');
    expect([VQA, LLAVA].map(kindOf)).toEqual(['question', 'question']);
    expect(() => kindOf({ text: 'notes.txt' })).toThrow('text gives text data, and not caption or question');
    expect(sourceReader(runs)(['text', 'question'], LLAVA, folder).kind).toBe('text');
  });

  it('are those of the corpora that stand where the grid names none', () => {
    for (const kind of DATA_KINDS) {
      for (const { source, ...rest } of SOURCES[kind]) {
        expect(rest).toEqual({ weight: 1 });
        expect(read(kind, source)).toEqual({ source });
      }
    }
  });
});

describe('a Debian corpus', () => {
  const name = 'openclipart';

  function install(): string {
    const files = unpackedFolder(runs, name);
    mkdirSync(join(files, 'usr', 'share'), { recursive: true });
    writeFileSync(join(files, 'usr', 'share', 'bee.svg'), '<svg/>');
    writeFileSync(countsFile(corpusFolder(runs, name)), '{"pictures":1,"documents":1,"words":1}');
    return files;
  }

  it('that is not installed is told with what installs it', () => {
    const expected = `E_DATA: the corpus ${name} is not installed\n  at ${runs}\n  Install it with "mm1 data install ${name}".`;
    expect(fault('caption', name)).toBe(expected);
    mkdirSync(unpackedFolder(runs, name), { recursive: true });
    expect(fault('caption', name)).toBe(expected);
  });

  it('is known by the names and sizes of what was unpacked', () => {
    const files = install();
    const drawing = join(files, 'usr', 'share', 'bee.svg');
    const { source, sha256 } = read('caption', name);
    expect([source, sha256]).toEqual([name, expect.stringMatching(/^[0-9a-f]{64}$/)]);
    utimesSync(drawing, 1, 1);
    expect(read('caption', name).sha256).toBe(sha256);
    writeFileSync(drawing, '<svg />');
    const larger = read('caption', name).sha256;
    expect(larger).not.toBe(sha256);
    writeFileSync(join(files, 'bee.svg'), '');
    expect(read('caption', name).sha256).not.toBe(larger);
  });
});

describe("somebody's own files", () => {
  const SHARDS = { webdataset: '{a,b}.tar' };
  const identity = (entry: Entry, kind: DataKind = 'caption') => read(kind, entry).sha256;

  it('are written as JSON with every option, from which they are opened', async () => {
    const { source } = read('text', { text: 'notes.txt' });
    expect(source).toBe('{"text":{"document":"file","files":"notes.txt"}}');
    const opened = await openSource(sourceSchema.parse(JSON.parse(source)), folder);
    const texts: string[] = [];
    for await (const document of opened.documents()) if (document.kind === 'text') texts.push(document.text);
    expect(texts).toEqual(['content of notes.txt']);
  });

  it('are known by their content, and not by the folder that they are in', () => {
    const before = identity(SHARDS);
    cpSync(folder, join(root, 'elsewhere'), { recursive: true });
    expect(sourceReader(runs)(['caption'], SHARDS, join(root, 'elsewhere')).source.sha256).toBe(before);
    utimesSync(join(folder, 'b.tar'), 1, 1);
    expect(identity(SHARDS)).toBe(before);
    const bytes = readFileSync(join(folder, 'b.tar'));
    bytes[3]! ^= 1;
    writeFileSync(join(folder, 'b.tar'), bytes);
    expect(identity(SHARDS)).not.toBe(before);
  });

  it('are known by their names, and their order among them', () => {
    const before = identity(SHARDS);
    expect(identity({ webdataset: '{b,a}.tar' })).not.toBe(before);
    write('c.tar', 'content of b.tar');
    expect(identity({ webdataset: '{a,c}.tar' })).not.toBe(before);
    for (const one of ['one/a.tar', 'two/a.tar']) write(one, 'content');
    expect(identity({ webdataset: 'two/a.tar' })).not.toBe(identity({ webdataset: 'one/a.tar' }));
  });

  it('a file that a pattern comes to match makes other data', () => {
    const before = identity({ webdataset: '*.tar' });
    write('c.tar', '');
    expect(identity({ webdataset: '*.tar' })).not.toBe(before);
  });

  it('of more than 1 GiB together are known by their sizes and times', () => {
    truncateSync(join(folder, 'a.tar'), 2 ** 30 - 'content of b.tar'.length + 1);
    utimesSync(join(folder, 'b.tar'), 1, 1);
    const before = identity(SHARDS);
    writeFileSync(join(folder, 'b.tar'), 'CONTENT of b.tar');
    utimesSync(join(folder, 'b.tar'), 1, 1);
    expect(identity(SHARDS)).toBe(before);
    utimesSync(join(folder, 'b.tar'), 1, 2);
    const later = identity(SHARDS);
    expect(later).not.toBe(before);
    truncateSync(join(folder, 'a.tar'), 2 ** 30 + 1);
    utimesSync(join(folder, 'a.tar'), 1, 1);
    const longer = identity(SHARDS);
    truncateSync(join(folder, 'a.tar'), 2 ** 30 + 2);
    utimesSync(join(folder, 'a.tar'), 1, 1);
    expect(identity(SHARDS)).not.toBe(longer);
  });

  it.each([
    ['questions', 'question', VQA, 'list.json'],
    ['annotations', 'question', VQA, 'answers.json'],
    ['conversations', 'question', LLAVA, 'list.json'],
    ['captions', 'caption', { coco: { annotations: 'list.json', ...pictures } }, 'list.json'],
    ['pages', 'interleaved', { interleaved: { files: 'rows.jsonl', ...pictures } }, 'rows.jsonl'],
    ['lines', 'text', { jsonl: 'rows.jsonl' }, 'rows.jsonl'],
    ['text', 'text', { text: 'notes.txt' }, 'notes.txt'],
    ['tables', 'caption', { parquet: PARQUET }, 'a.tar'],
  ] as const)('%s are read for it', (_, kind, entry, file) => {
    const before = identity(entry, kind);
    write(file, 'other');
    expect(identity(entry, kind)).not.toBe(before);
  });

  it.each([
    ['question', VQA],
    ['question', LLAVA],
    ['caption', { coco: { annotations: 'list.json', ...pictures } }],
    ['interleaved', { interleaved: { files: 'rows.jsonl', ...pictures } }],
  ] as const)('pictures beside %s files count by names, sizes and times: %j', (kind, entry) => {
    const identities = [identity(entry, kind)];
    const picture = join(folder, 'pictures', 'deep', '1.jpg');
    utimesSync(picture, 7, 7);
    identities.push(identity(entry, kind));
    writeFileSync(picture, 'larger than it was before');
    utimesSync(picture, 7, 7);
    identities.push(identity(entry, kind));
    write('pictures/2.jpg', '');
    identities.push(identity(entry, kind));
    rmSync(join(folder, 'pictures', '2.jpg'));
    symlinkSync(join(folder, 'notes.txt'), join(folder, 'pictures', '3.jpg'));
    identities.push(identity(entry, kind));
    expect(new Set(identities).size).toBe(5);
    symlinkSync('away', join(folder, 'pictures', '4.jpg'));
    utimesSync(join(folder, 'pictures', 'deep'), 3, 3);
    expect(identity(entry, kind)).toBe(identities[4]);
  });

  it('are read once by one reader', () => {
    const reader = sourceReader(runs);
    const first = reader(['text'], { text: 'notes.txt' }, folder);
    rmSync(join(folder, 'notes.txt'));
    expect(reader(['text'], { text: 'notes.txt' }, folder)).toEqual(first);
    expect(() => reader(['text'], { text: 'notes.txt' }, join(folder, 'pictures'))).toThrow('data files missing');
    expect(() => reader(['caption'], { text: 'notes.txt' }, folder)).toThrow('text gives text data');
  });
});

it('every corpus that comes with mm1 is known by its name alone', () => {
  for (const { name, kind, debian } of CORPORA) if (debian === null) expect(read(kind, name)).toEqual({ source: name });
});
