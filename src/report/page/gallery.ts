import { existsSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { type ImageSet, openImageSet } from '../../data/image-set.js';
import { Mm1Error } from '../../errors.js';
import { random } from '../../random.js';
import type { StoreReader } from '../../store/reader.js';
import type { RunRecord } from '../observations.js';
import type { Report, ReportedTask } from '../report.js';

/** Items of a task that are shown. */
const ITEMS = 8;
/** Variants whose answers are shown: the best. */
const VARIANTS = 6;
/** Tasks that are shown. */
const TASKS = 3;
/** Side of a picture in pixels. */
const SIDE = 224;

/** A test item with what the best variants answered. */
export interface GalleryItem {
  /** As a data URL; null where the picture is not in the cache any more. */
  readonly picture: string | null;
  readonly prompt: string;
  readonly references: readonly string[];
  readonly answers: readonly { readonly variant: number; readonly output: string; readonly value: number }[];
}

export interface GalleryTask {
  readonly task: string;
  readonly shots: number;
  readonly items: readonly GalleryItem[];
}

/** Draws some items of the tasks with pictures, the same at every report, and reads what the best variants' first seeds answered. */
export async function readGallery(
  store: StoreReader,
  record: RunRecord,
  { tasks }: Report,
  cache: string,
): Promise<GalleryTask[]> {
  const fewest = Math.min(...tasks.map(({ shots }) => shots));
  const shown = tasks.filter(({ group, shots }) => group !== 'textcore' && shots === fewest).slice(0, TASKS);
  const pictures = await openPictures(record, cache);
  try {
    const found: GalleryTask[] = [];
    for (const task of shown) {
      const items = await itemsOf(store, record, task, pictures);
      if (items.length > 0) found.push({ task: task.task, shots: task.shots, items });
    }
    return found;
  } finally {
    await pictures?.close();
  }
}

async function itemsOf(
  store: StoreReader,
  record: RunRecord,
  task: ReportedTask,
  pictures: ImageSet | null,
): Promise<GalleryItem[]> {
  const all = record.taskItems.get(task.task)?.items ?? [];
  const order = random(0, `gallery ${task.task}`).permutation(all.length);
  const ids = [...order.subarray(0, ITEMS)].map((place) => all[place]!);
  const answered = task.variants.slice(0, VARIANTS).flatMap(({ variant }) => {
    const own = record.variants[variant - 1]!;
    const trial = record.trials.find(({ variantId, status }) => variantId === own.id && status === 'done');
    return trial ? store.outputs(trial.id, task, ids).map((row) => ({ variant, row })) : [];
  });
  const items: GalleryItem[] = [];
  for (const id of ids) {
    const own = answered.filter(({ row }) => row.item === id);
    const [first] = own;
    if (!first) continue;
    const { prompt, references } = first.row;
    items.push({
      picture: await pictureOf(prompt, pictures),
      prompt: prompt.replace(/^<[^>]*>/, ''),
      references,
      answers: own.map(({ variant, row: { output, value } }) => ({ variant, output, value })),
    });
  }
  return items;
}

/** The set of test pictures of the first finished trial; null where it is gone. */
async function openPictures({ stages, trialStages }: RunRecord, cache: string): Promise<ImageSet | null> {
  const used = new Set([...trialStages.values()].flat());
  const asked = stages.find(({ kind, key }) => kind === 'questions' && used.has(key));
  const folder = asked && join(cache, asked.key);
  return folder && existsSync(folder) ? openImageSet(folder).catch(ignoreDamage) : null;
}

/** The picture that a prompt names first. */
async function pictureOf(prompt: string, pictures: ImageSet | null): Promise<string | null> {
  const id = /<([^>]+)>/.exec(prompt)?.[1];
  const place = id === undefined ? -1 : (pictures?.indexOf(id) ?? -1);
  if (!pictures || place < 0) return null;
  const pixels = await pictures.pixels(place).catch(ignoreDamage);
  if (!pixels) return null;
  const { resolution } = pictures;
  const webp = await sharp(pixels, { raw: { width: resolution, height: resolution, channels: 3 } })
    .resize(Math.min(SIDE, resolution))
    .webp({ quality: 80 })
    .toBuffer();
  return `data:image/webp;base64,${webp.toString('base64')}`;
}

/** A damaged picture is left out: the numbers do not need it. */
function ignoreDamage(error: unknown): null {
  if (error instanceof Mm1Error) return null;
  throw error;
}
