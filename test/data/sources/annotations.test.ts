import { describe, expect, it } from 'vitest';
import { questionPrompt } from '../../../src/data/examples.js';
import { colourOf, picture, temporaryFolder, walk, write } from './own-data.js';

const folder = temporaryFolder();
write(folder, 'images/red.png', await picture('#ff0000'));
write(folder, 'images/deep/blue.png', await picture('#0000ff'));
write(folder, 'images/broken.png', 'no picture');
write(folder, 'secret.png', await picture('#000000'));

describe('COCO captions', () => {
  it('gives each picture with all of its captions, in the order of the pictures', async () => {
    const file = {
      info: { description: 'a, "quoted" [list] \\' },
      annotations: [
        { id: 3, image_id: 9, caption: 'blue' },
        { id: 4, image_id: 5, caption: 'red' },
        { id: 5, image_id: 9, caption: ' azure ' },
      ],
      licenses: [],
      images: [
        { id: 5, file_name: 'red.png', width: 8 },
        { id: 9, file_name: 'deep/blue.png' },
      ],
    };
    write(folder, 'captions.json', JSON.stringify(file, null, 2));
    const { documents, fault } = await walk({ coco: { annotations: 'captions.json', images: 'images' } }, folder);
    expect(fault).toBeUndefined();
    expect(documents).toMatchObject([
      { kind: 'caption', id: 'captions.json#5', alt: ['red'], rewritten: [] },
      { kind: 'caption', id: 'captions.json#9', alt: ['blue', 'azure'] },
    ]);
    expect(await colourOf(documents[1])).toBe('#0000ff');
  });

  it('leaves out what breaks a rule, by its reason', async () => {
    const names = ['red.png', 'gone.png', 'broken.png', '../secret.png', '/etc/hostname', 'deep', 'red.png'];
    const images = names.map((file_name, id) => ({ id, file_name }));
    const annotations = [0, 1, 2, 3, 4, 5, 77].map((image_id) => ({ image_id, caption: 'x' }));
    const file = { images: [...images, { id: 'eight' }], annotations: [...annotations, { image_id: 1 }] };
    write(folder, 'bad.json', JSON.stringify(file));
    const { documents, tally, fault } = await walk({ coco: { annotations: 'bad.json', images: 'images' } }, folder);
    expect(documents.map(({ id }) => id)).toEqual(['bad.json#0']);
    expect(tally).toEqual({
      seen: 10,
      skipped: {
        'other fields than the format has': 2,
        'missing image': 2,
        'broken image': 1,
        'path outside its folder': 2,
        'empty caption': 1,
        'no image': 1,
      },
    });
    expect(fault).toMatchObject({ code: 'E_DATA' });
  });

  it('names a missing folder, a cut file and a file that is no JSON list or object', async () => {
    const spec = (annotations: string) => ({ coco: { annotations, images: 'images' } });
    write(folder, 'cut.json', '{"images": [{"id": 1');
    write(folder, 'csv.json', 'image,caption');
    write(folder, 'lines.json', '{"images": []}\n{"images": []}');
    write(folder, 'empty.json', '');
    for (const [name, message] of [
      ['cut.json', 'A data file ends before its JSON does'],
      ['csv.json', 'A data file is neither a list nor an object'],
      ['lines.json', 'A data file holds more than one JSON value'],
      ['empty.json', 'A data file ends before its JSON does'],
    ] as const) {
      expect((await walk(spec(name), folder)).fault).toMatchObject({ code: 'E_DATA', message });
    }
    await expect(walk({ coco: { annotations: 'captions.json', images: 'gone' } }, folder)).rejects.toMatchObject({
      code: 'E_DATA',
      message: 'The folder of the pictures is missing: gone',
    });
  });
});

describe('VQA v2', () => {
  const questions = {
    data_subtype: 'val2014',
    questions: [
      { image_id: 42, question: 'What colour?', question_id: 420 },
      { image_id: 42, question: 'How many?', question_id: 421 },
    ],
  };
  const annotations = {
    annotations: [
      { question_id: 421, image_id: 42, multiple_choice_answer: '2', answers: [] },
      {
        question_id: 420,
        image_id: 42,
        multiple_choice_answer: 'red',
        answers: ['crimson', 'red', 'pink', 'red'].map((answer, answer_id) => ({ answer, answer_id })),
      },
    ],
  };
  const spec = { questions: 'questions.json', annotations: 'answers.json', images: 'images' };

  it("joins questions and answers, the commonest first, and finds COCO's pictures", async () => {
    write(folder, 'questions.json', JSON.stringify(questions));
    write(folder, 'answers.json', JSON.stringify(annotations));
    write(folder, 'images/COCO_val2014_000000000042.jpg', await picture('#ff0000', 'jpeg'));
    const { documents, fault } = await walk({ vqa: spec }, folder);
    expect(fault).toBeUndefined();
    expect(documents).toMatchObject([
      {
        kind: 'question',
        id: 'questions.json#420',
        question: 'What colour?',
        answers: ['red', 'red', 'crimson', 'pink'],
      },
      { kind: 'question', id: 'questions.json#421', question: 'How many?', answers: ['2'] },
    ]);
  });

  it('finds pictures of another name, and asks for it where the file does not tell', async () => {
    write(folder, 'images/42.png', await picture('#00ff00'));
    const { documents } = await walk({ vqa: { ...spec, image_name: '{id}.png' } }, folder);
    expect(await colourOf(documents[0])).toBe('#00ff00');
    write(folder, 'nameless.json', JSON.stringify({ questions: questions.questions }));
    const { fault } = await walk({ vqa: { ...spec, questions: 'nameless.json' } }, folder);
    expect(fault).toMatchObject({ code: 'E_DATA', remedy: expect.stringContaining('image_name') });
  });

  it('leaves out a question without an answer, and one of another form', async () => {
    const more = [
      { image_id: 42, question: 'Why?', question_id: 7 },
      { image_id: 42, question: ' ', question_id: 421 },
      { question: 'What?' },
    ];
    write(folder, 'unanswered.json', JSON.stringify({ ...questions, questions: [questions.questions[0], ...more] }));
    const { documents, tally } = await walk({ vqa: { ...spec, questions: 'unanswered.json' } }, folder);
    expect(documents.map(({ id }) => id)).toEqual(['unanswered.json#420']);
    expect(tally).toEqual({
      seen: 4,
      skipped: { 'empty question or answer': 2, 'other fields than the format has': 1 },
    });
  });
});

describe('LLaVA conversations', () => {
  const spec = { conversations: 'llava.json', images: 'images' };

  it('gives each question with its answer, and text where there is no picture', async () => {
    const turns = (...values: string[]) => values.map((value, i) => ({ from: i % 2 ? 'gpt' : 'human', value }));
    write(
      folder,
      'llava.json',
      JSON.stringify([
        {
          id: 'x',
          image: 'red.png',
          conversations: turns('<image>\nWhat is it?', 'A square.', 'And its colour?', 'Red.', 'Is it large?', 'No.'),
        },
        { id: 'y', conversations: turns('Hello', 'Good day') },
      ]),
    );
    const { documents, fault } = await walk({ llava: spec }, folder);
    expect(fault).toBeUndefined();
    expect(documents).toMatchObject([
      { kind: 'question', id: 'llava.json#0.0', question: 'What is it?', answers: ['A square.'] },
      { kind: 'question', id: 'llava.json#0.1', answers: ['Red.'] },
      { kind: 'question', id: 'llava.json#0.2', answers: ['No.'] },
      { kind: 'text', id: 'llava.json#1', text: 'Hello\nGood day' },
    ]);
    expect(await colourOf(documents[1])).toBe('#ff0000');
    const prompts = documents.map((document) => document.kind === 'question' && questionPrompt(document.question));
    expect(prompts.slice(0, 3)).toEqual([
      'Question: What is it? Short answer:',
      'Question: What is it? Short answer: A square.\nQuestion: And its colour? Short answer:',
      'Question: What is it? Short answer: A square.\nQuestion: And its colour? Short answer: Red.\n' +
        'Question: Is it large? Short answer:',
    ]);
    const images = documents.flatMap((document) => (document.kind === 'question' ? [document.image.id] : []));
    expect(new Set(images).size).toBe(1);
  });

  it('leaves out what breaks a rule, by its reason', async () => {
    const asked = [
      { from: 'human', value: 'What?' },
      { from: 'gpt', value: 'That.' },
    ];
    const records = [
      { image: 'gone.png', conversations: asked },
      { image: '../secret.png', conversations: asked },
      { image: 'red.png', conversations: asked.slice(0, 1) },
      { image: 'red.png', conversations: [asked[0], { from: 'gpt', value: ' ' }] },
      { image: 'red.png', conversations: [...asked, { from: 'human', value: '<image>' }, asked[1]] },
      { image: 'red.png', conversations: [asked[0], asked[0]] },
      { image: ['red.png', 'red.png'], conversations: asked },
    ];
    write(folder, 'bad-llava.json', `${JSON.stringify(records).slice(0, -1)}, {"image": nothing} ]`);
    const { tally } = await walk({ llava: { ...spec, conversations: 'bad-llava.json' } }, folder);
    expect(tally).toEqual({
      seen: 8,
      skipped: {
        'missing image': 1,
        'path outside its folder': 1,
        'empty question or answer': 4,
        'other fields than the format has': 1,
        'invalid JSON': 1,
      },
    });
  });
});
