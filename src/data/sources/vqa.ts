import { z } from 'zod';
import { Mm1Error } from '../../errors.js';
import { json } from './bytes.js';
import { questionDocument } from './documents.js';
import { type DataFile, dataFiles, dataFolder, inside } from './files.js';
import { jsonElements } from './json-elements.js';
import { path, sourceKind } from './kind.js';
import { LeftOut, orLeftOut } from './left-out.js';
import { userSource } from './user-source.js';

const question = z.object({ question_id: z.int(), image_id: z.int(), question: z.string() });
const annotation = z.object({
  question_id: z.int(),
  multiple_choice_answer: z.string().optional(),
  answers: z.array(z.object({ answer: z.string() })).default([]),
});

type Question = z.output<typeof question>;

interface Answered extends Question {
  readonly id: string;
  readonly file: string;
  readonly answers: readonly string[];
}

/** Digits of a picture's number in COCO's file names. */
const DIGITS = 12;

/**
 * VQA v2 (Goyal et al., 2017): its questions and its annotations, joined by the question's number. Both files come in
 * the same order, so a walk keeps only the answers that it has read too early. The commonest answer is trained on.
 * `image_name` is the form of a picture's file name, `{id}` in the place of its number and `{012}` of its number in 12
 * digits; without it, it is COCO's own, with the `data_subtype` that the questions' file states before its questions.
 */
export const vqa = sourceKind({
  schema: z.strictObject({
    questions: path,
    annotations: path,
    images: path,
    image_name: z
      .string()
      .regex(/\{(id|012)\}/, { error: 'must hold {id}, or {012} for 12 digits' })
      .optional(),
  }),
  gives: () => ['question'],
  files: ({ questions, annotations, images }, folder) => ({
    files: [oneFile(questions, folder), oneFile(annotations, folder)],
    pictures: dataFolder(images, folder),
  }),
  async open(options, folder) {
    const questions = oneFile(options.questions, folder);
    const annotations = oneFile(options.annotations, folder);
    const images = dataFolder(options.images, folder);
    return userSource<Answered>({
      name: `vqa ${options.questions}`,
      records: () => answered(questions, annotations, options.image_name),
      documents: async ({ id, file, question, answers }, openImage) => [
        // Questions about one picture know it by one name.
        await questionDocument(
          id,
          async () => openImage(`${options.images}/${file}`, inside(images, file)),
          question,
          answers,
        ),
      ],
    });
  },
});

function oneFile(name: string, folder: string): DataFile {
  return dataFiles(name, folder)[0]!;
}

async function* answered(
  questions: DataFile,
  annotations: DataFile,
  imageName: string | undefined,
): AsyncGenerator<Answered | LeftOut> {
  const early = new Map<number, string[]>();
  const unread = answersOf(annotations);
  let form = imageName;
  try {
    for await (const { member, bytes } of jsonElements(questions.path)) {
      if (member === 'data_subtype') form ??= `COCO_${json(bytes, z.string())}_{012}.jpg`;
      if (member !== 'questions') continue;
      if (form === undefined) throw noImageName(questions);
      const row = orLeftOut(() => json(bytes, question));
      if (row instanceof LeftOut) {
        yield row;
        continue;
      }
      while (!early.has(row.question_id)) {
        const next = await unread.next();
        if (next.done) break;
        if (next.value instanceof LeftOut) yield next.value;
        else early.set(next.value.question, next.value.answers);
      }
      const answers = early.get(row.question_id) ?? [];
      early.delete(row.question_id);
      yield { ...row, id: `${questions.name}#${row.question_id}`, file: fileName(form, row.image_id), answers };
    }
  } finally {
    await unread.return();
  }
}

interface Answers {
  readonly question: number;
  readonly answers: string[];
}

async function* answersOf({ path }: DataFile): AsyncGenerator<Answers | LeftOut, void> {
  for await (const { member, bytes } of jsonElements(path)) {
    if (member !== 'annotations') continue;
    const row = orLeftOut(() => json(bytes, annotation));
    if (row instanceof LeftOut) yield row;
    else yield { question: row.question_id, answers: commonestFirst(row) };
  }
}

/** Everybody's answers, each as often as it was given. */
function commonestFirst(row: z.output<typeof annotation>): string[] {
  const commonest = row.multiple_choice_answer;
  const given = row.answers.map(({ answer }) => answer);
  if (commonest === undefined) return given;
  if (given.length === 0) return [commonest];
  return [...given.filter((answer) => answer === commonest), ...given.filter((answer) => answer !== commonest)];
}

function fileName(form: string, image: number): string {
  return form.replaceAll('{id}', String(image)).replaceAll('{012}', String(image).padStart(DIGITS, '0'));
}

function noImageName({ path }: DataFile): Mm1Error {
  return new Mm1Error('The questions do not say how their pictures are named: there is no data_subtype before them', {
    code: 'E_DATA',
    where: path,
    remedy: 'Set image_name, for instance "COCO_val2014_{012}.jpg" or "{id}.png".',
  });
}
