import { Command, Option } from 'commander';
import { suggest } from '../config/nearest.js';
import type { BuiltInCorpus, Side } from '../data/corpora/corpus.js';
import type { InstallProgress } from '../data/corpora/install.js';
import { Mm1Error } from '../errors.js';
import { bold } from './bold.js';
import { wholeNumber } from './whole-number.js';

interface PlaceOptions {
  readonly runsDir: string;
}

interface ShowOptions extends PlaceOptions {
  readonly sample: string;
  readonly side: Side;
  readonly json?: boolean;
}

/** Side of a picture on the contact sheet, in pixels, and pictures in a row. */
const SHEET_SIDE = 224;
const SHEET_COLUMNS = 6;

/** `mm1 data`: the corpora that mm1 knows; `install` and `show` for one of them. */
export function dataCommand(): Command {
  const command = new Command('data')
    .configureHelp({ showGlobalOptions: true }) // of `data` itself: its subcommands take them too
    .description(
      "Print every built-in corpus, its kind, size and licence, and what the encoders' pre-training sets stand for.",
    )
    .option('--runs-dir <folder>', 'folder that corpora are installed in, under data/', 'runs')
    .option('--json', 'print as JSON')
    .action(printCorpora);
  command
    .command('install <corpus>')
    .description('download a corpus that is a Debian package (apt-get, without root) and unpack it')
    .action((name: string, _: unknown, install: Command) => printInstall(name, install.optsWithGlobals()));
  command
    .command('show <corpus>')
    .description('print samples: texts, and pictures on a contact sheet')
    .option('--sample <number>', 'documents to show', '6')
    .addOption(new Option('--side <side>', 'side of the split').choices(['train', 'held-out']).default('train'))
    .action((name: string, _: unknown, show: Command) => printSample(name, show.optsWithGlobals()));
  return command;
}

async function printCorpora({ runsDir, json }: PlaceOptions & { readonly json?: boolean }): Promise<void> {
  const [{ CORPORA }, { countsOf }, { renderCorpora }, { renderEncoderSets }] = await Promise.all([
    import('../data/corpora/index.js'),
    import('../data/corpora/place.js'),
    import('../report/data-table.js'),
    import('../report/encoder-sets-table.js'),
  ]);
  const list = CORPORA.map((corpus) => ({ corpus, counts: countsOf(corpus, runsDir) }));
  const plain = () =>
    list.map(({ corpus: { name, kind, about, licence, debian }, counts }) => ({
      ...{ name, kind, about, licence, debian, installed: counts !== null, counts },
    }));
  const tables = () => `${renderCorpora(list, bold)}\n${renderEncoderSets(bold)}`;
  process.stdout.write(json ? `${JSON.stringify(plain(), null, 2)}\n` : tables());
}

async function printInstall(name: string, { runsDir }: PlaceOptions): Promise<void> {
  const corpus = await corpusNamed(name);
  const { installCorpus } = await import('../data/corpora/install.js');
  const { SingleBar } = await import('cli-progress');
  const format = ' download {bar} {megabytes} of {of} MB, {eta_formatted} left';
  const bar = new SingleBar({ format, barsize: 24, hideCursor: true, noTTYOutput: false, stream: process.stderr });
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  let step: InstallProgress['step'] | null = null;
  try {
    const counts = await installCorpus(corpus, runsDir, (progress) => {
      const begins = progress.step !== step;
      step = progress.step;
      if (progress.step === 'download') {
        const values = { megabytes: megabytes(progress.bytes), of: megabytes(progress.total) };
        if (begins && !process.stderr.isTTY) process.stderr.write(` downloading ${values.of} MB\n`);
        if (begins) bar.start(progress.total, progress.bytes, values);
        else bar.update(progress.bytes, values);
      } else {
        bar.stop();
        process.stderr.write(progress.step === 'unpack' ? ' unpacking\n' : ' counting\n');
      }
    });
    const { pictures, documents } = counts;
    process.stdout.write(`${name} is installed: ${documents} documents, ${pictures} pictures. ${corpus.licence}.\n`);
  } finally {
    bar.stop();
  }
}

async function printSample(name: string, { sample, side, runsDir, json }: ShowOptions): Promise<void> {
  const size = wholeNumber('--sample', sample, 6);
  const corpus = await corpusNamed(name);
  const [{ countsOf, unpackedFolder }, { sampleOf }, { picturesOf, textsOf }] = await Promise.all([
    import('../data/corpora/place.js'),
    import('../data/corpora/sample.js'),
    import('../data/corpora/counts.js'),
  ]);
  if (countsOf(corpus, runsDir) === null) {
    const remedy = `Install it with "mm1 data install ${name}", or name the folder that it is in with --runs-dir.`;
    throw new Mm1Error(`${name} is not installed`, { code: 'E_CORPUS', where: runsDir, remedy });
  }
  const source = corpus.open(side, unpackedFolder(runsDir, name));
  const documents = await sampleOf(source, size);
  const tally = source.tally();
  const sheet = await writeSheet(documents.flatMap(picturesOf), runsDir, `${name}-${side}`);
  if (json) {
    const plain = documents.map((document) => ({
      ...{ id: document.id, kind: document.kind, texts: textsOf(document) },
      pictures: picturesOf(document).map(({ id }) => id),
    }));
    process.stdout.write(
      `${JSON.stringify({ corpus: name, side, documents: plain, sheet: sheet?.file ?? null, tally })}\n`,
    );
    return;
  }
  const { renderSample } = await import('../report/data-table.js');
  process.stdout.write(documents.length === 0 ? `${name} has no ${side} side.\n` : renderSample(documents, bold));
  if (sheet) {
    const { inlinePicture } = await import('../report/inline-picture.js');
    const inline = process.stdout.isTTY ? inlinePicture(sheet.png, process.env) : null;
    process.stdout.write(`\n${inline ?? ''}pictures, row by row: ${sheet.file}\n`);
  }
  if (Object.keys(tally.skipped).length > 0) {
    const { describeTally } = await import('../data/sources/account.js');
    process.stdout.write(`\nBy the rules of the corpus, ${describeTally(tally)}.\n`);
  }
}

/** The pictures in one file, in the runs folder; null where there are none. */
async function writeSheet(images: Parameters<typeof contactSheetOf>[0], runsDir: string, name: string) {
  if (images.length === 0) return null;
  const [{ mkdirSync, writeFileSync }, { join }] = await Promise.all([import('node:fs'), import('node:path')]);
  const png = await contactSheetOf(images);
  const folder = join(runsDir, 'data', 'sheets');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.png`);
  writeFileSync(file, png);
  return { file, png };
}

async function contactSheetOf(images: readonly import('../data/sources/source.js').SourceImage[]): Promise<Buffer> {
  const { contactSheet } = await import('../data/contact-sheet.js');
  return contactSheet(images, SHEET_SIDE, SHEET_COLUMNS);
}

async function corpusNamed(name: string): Promise<BuiltInCorpus> {
  const { CORPORA } = await import('../data/corpora/index.js');
  const corpus = CORPORA.find((each) => each.name === name);
  if (corpus) return corpus;
  const remedy = `Give a corpus: ${suggest(
    name,
    CORPORA.map((each) => each.name),
  )}`;
  throw new Mm1Error(`unknown corpus ${JSON.stringify(name)}`, { code: 'E_USAGE', remedy, status: 2 });
}
