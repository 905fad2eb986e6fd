import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inlinePicture } from '../../src/report/inline-picture.js';
import { type BuiltPackage, buildPackage } from '../built-package.js';

let built: BuiltPackage;
const runs = mkdtempSync(join(tmpdir(), 'mm1-data-'));

function data(words: string[], env: NodeJS.ProcessEnv = process.env) {
  const argv = [built.cli, 'data', ...words, '--runs-dir', runs];
  return spawnSync(process.execPath, argv, { encoding: 'utf8', env });
}

beforeAll(() => {
  built = buildPackage('none');
});

afterAll(() => {
  built.remove();
  rmSync(runs, { recursive: true });
});

describe('mm1 data', () => {
  it('prints every corpus on lines of at most 100 columns', () => {
    const { status, stdout, stderr } = data([]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(stdout).toMatch(/^wordnet +text +0 +117,791 +1,892,397 +WordNet +with mm1$/m);
    expect(stdout).toMatch(/^emoji-openmoji +caption +1,878 +1,878 +\d+,\d+ +CC-BY-SA-4\.0 +with mm1$/m);
    expect(stdout).toMatch(/^gimp-help +interleaved +- +- +- +GFDL-1\.2 +no, 50 MB$/m);
  });

  it('prints the same as JSON', () => {
    const list = JSON.parse(data(['--json']).stdout) as { name: string; installed: boolean }[];
    expect(list.find(({ name }) => name === 'novel')).toMatchObject({ installed: true, counts: { documents: 136 } });
    expect(list.find(({ name }) => name === 'openclipart')).toMatchObject({ installed: false, counts: null });
  });

  it('shows texts, and pictures on a sheet', async () => {
    const { status, stdout } = data(['show', 'flag-questions', '--sample', '7']);
    expect(status).toBe(0);
    expect(stdout.match(/^flags\/\w+\/(country|capital|continent)\n {2}\[picture \d\]\n {2}\S.*\?/gm)).toHaveLength(7);
    expect(stdout).toMatch(/^By the rules of the corpus, 7 of 591 left out: 6 another state's flag, 1 no country\.$/m);
    const file = /row by row: (.+\.png)$/m.exec(stdout)![1]!;
    expect(await sharp(file).metadata()).toMatchObject({ width: 6 * 232 - 8, height: 2 * 232 - 8, format: 'png' });
    const sample = JSON.parse(
      data(['show', 'emoji-languages', '--sample', '2', '--side', 'held-out', '--json']).stdout,
    );
    expect(sample).toMatchObject({ corpus: 'emoji-languages', side: 'held-out', documents: [{}, {}] });
    expect(sample.tally).toEqual({ seen: 502, skipped: {} });
    expect(sample.documents[0]).toMatchObject({ kind: 'interleaved', pictures: Array(6).fill(expect.any(String)) });
  });

  it('shows whole pages of a quiz, a picture and its question on a line', () => {
    const { status, stdout } = data(['show', 'emoji-quizzes', '--sample', '12']);
    expect(status).toBe(0);
    const pages = stdout.split(/^emoji-quizzes\/train\/\d+\n/m).slice(1);
    expect(pages).toHaveLength(12);
    let picture = 0;
    for (const page of pages) {
      const lines = page.split('\n').filter((line) => line.startsWith('  '));
      expect(lines.length).toBeGreaterThanOrEqual(2);
      expect(lines.length).toBeLessThanOrEqual(6);
      for (const line of lines) {
        expect(line).toContain(`  [picture ${++picture}] Question: `);
        expect(line).toMatch(/\? Short answer: \w.*[^…]$/);
      }
    }
  });

  it('shows no sheet where there are no pictures, and says where a side is empty', () => {
    expect(data(['show', 'novel', '--sample', '1']).stdout).not.toContain('.png');
    expect(data(['show', 'emoji-openmoji']).stdout).toBe('emoji-openmoji has no train side.\n');
  });

  it('shows a corpus that was unpacked into the runs folder', () => {
    const files = join(runs, 'data', 'openclipart', 'files');
    mkdirSync(files, { recursive: true });
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" xmlns:dc="http://purl.org/dc/elements/1.1/" width="9" height="9">' +
      '<metadata><dc:title>Blue \u009b31mdot</dc:title></metadata><rect width="5" height="5"/></svg>';
    writeFileSync(join(files, 'dot.svg'), svg);
    writeFileSync(join(files, '..', 'counts.json'), '{"pictures":1,"documents":1,"words":2}');
    expect(data([]).stdout).toMatch(/^openclipart +caption +1 +1 +2 +public domain +yes$/m);
    const shown = ['train', 'held-out'].map((side) => data(['show', 'openclipart', '--side', side]).stdout).join('');
    expect(shown).toMatch(/^openclipart\/dot$/m);
    expect(shown).toContain('Blue dot');
    expect(shown).not.toContain('\u009b');
    rmSync(join(files, '..'), { recursive: true });
  });

  it('refuses what it cannot do, in words', () => {
    const cases: [string[], number, RegExp][] = [
      [['show', 'wordnit'], 2, /^E_USAGE: unknown corpus "wordnit"\n.*did you mean "wordnet"/],
      [['show', 'novel', '--sample', '0'], 2, /^E_USAGE: "0" is no positive whole number/],
      [['show', 'novel', '--side', 'left'], 2, /^E_USAGE: .*train, held-out/],
      [['show', 'gimp-help'], 1, /^E_CORPUS: gimp-help is not installed\n.*\n.*mm1 data install gimp-help/],
      [['install', 'novel'], 1, /^E_INSTALL: novel came with mm1/],
    ];
    for (const [words, expected, message] of cases) {
      const { status, stdout, stderr } = data(words);
      expect({ status, stdout }).toEqual({ status: expected, stdout: '' });
      expect(stderr).toMatch(message);
    }
  });

  it('says where apt-get is missing, and leaves nothing behind', () => {
    const { status, stderr } = data(['install', 'stamps'], { PATH: runs });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^E_INSTALL: apt-get is not on this machine\n.*Debian or Ubuntu/);
    expect(existsSync(join(runs, 'data')) ? readdirSync(join(runs, 'data')) : []).not.toContain('stamps');
    expect(readdirSync(join(runs, 'data')).filter((name) => name.includes('.part-'))).toEqual([]);
  });
});

describe('inlinePicture', () => {
  const png = Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 256));

  it('writes what each terminal reads, and nothing to others', () => {
    expect(inlinePicture(png, { TERM: 'xterm-256color' })).toBeNull();
    const iterm = inlinePicture(png, { TERM_PROGRAM: 'iTerm.app' });
    expect(iterm).toBe(`\u001b]1337;File=inline=1;size=5000:${png.toString('base64')}\u0007\n`);
    const kitty = inlinePicture(png, { KITTY_WINDOW_ID: '1' })!;
    const chunks = kitty
      .trimEnd()
      .split('\u001b\\')
      .slice(0, -1)
      .map((chunk) => chunk.split(';'));
    expect(chunks.map(([keys]) => keys)).toEqual(['\u001b_Ga=T,f=100,m=1', '\u001b_Gm=0']);
    expect(chunks.every(([, text]) => text!.length <= 4096)).toBe(true);
    expect(Buffer.from(chunks.map(([, text]) => text).join(''), 'base64')).toEqual(png);
  });
});
