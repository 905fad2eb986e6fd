import { z } from 'zod';
import { followingQuestion } from '../examples.js';
import { json } from './bytes.js';
import { questionDocument, textDocument } from './documents.js';
import { dataFiles, dataFolder, inside } from './files.js';
import { type JsonElement, jsonElements } from './json-elements.js';
import { path, sourceKind } from './kind.js';
import { LeftOut } from './left-out.js';
import type { SourceDocument } from './source.js';
import { type OpenImage, userSource } from './user-source.js';

const conversation = z.object({
  image: z.string().optional(),
  conversations: z.array(z.object({ from: z.string(), value: z.string() })),
});

type Conversation = z.output<typeof conversation>;

interface Numbered extends JsonElement {
  readonly id: string;
}

/** Where the picture stands in a turn's text. */
const PLACEHOLDER = '<image>';

/**
 * LLaVA conversations (Liu et al., 2023): each question of the human's with the answer after it is a document of its
 * own, in which the turns before it stand as well: "And its colour?" asks about what they told. A
 * conversation without a picture is one text.
 */
export const llava = sourceKind({
  schema: z.strictObject({ conversations: path, images: path }),
  gives: () => ['question', 'text'],
  files: ({ conversations, images }, folder) => ({
    files: dataFiles(conversations, folder),
    pictures: dataFolder(images, folder),
  }),
  async open(options, folder) {
    const files = dataFiles(options.conversations, folder);
    const images = dataFolder(options.images, folder);
    return userSource<Numbered>({
      name: `llava ${options.conversations}`,
      async *records() {
        for (const { name, path } of files) {
          let number = 0;
          for await (const element of jsonElements(path)) yield { ...element, id: `${name}#${number++}` };
        }
      },
      documents: ({ id, bytes }, openImage) => documentsOf(id, json(bytes, conversation), images, openImage),
    });
  },
});

async function documentsOf(
  id: string,
  { image, conversations }: Conversation,
  images: string,
  openImage: OpenImage,
): Promise<SourceDocument[]> {
  const turns = conversations.map(({ from, value }) => ({
    human: from === 'human',
    text: value.replaceAll(PLACEHOLDER, '').trim(),
  }));
  if (image === undefined) return [textDocument(id, turns.map(({ text }) => text).join('\n'))];
  const questions = turns.flatMap(({ human, text }, i) => {
    const next = turns[i + 1];
    return human && next && !next.human ? [{ question: text, answer: next.text }] : [];
  });
  if (questions.length === 0) throw new LeftOut('empty question or answer');
  const picture = await openImage(`${id}/image`, inside(images, image));
  return Promise.all(
    questions.map(({ question, answer }, turn) => {
      const asked = question === '' ? '' : followingQuestion(questions.slice(0, turn), question);
      return questionDocument(`${id}.${turn}`, async () => picture, asked, [answer]);
    }),
  );
}
