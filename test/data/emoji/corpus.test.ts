import { describe, expect, it } from 'vitest';
import { baseOf, codePoints, loadConcepts } from '../../../src/data/emoji/concepts.js';
import {
  captionOf,
  imagesOf,
  loadEmojiCorpus,
  SPLITS,
  splitOf,
  tagsOf,
  trainingConcepts,
  trainingImages,
} from '../../../src/data/emoji/corpus.js';

const corpus = loadEmojiCorpus();
const labelled = (label: string) => {
  const found = corpus.concepts.find((concept) => concept.label === label);
  if (!found) throw new Error(`no concept ${label}`);
  return found;
};

describe('loadEmojiCorpus', () => {
  it('joins five vendors with the words of CLDR', () => {
    expect(corpus.trainVendors).toEqual(['noto', 'fluent', 'twemoji', 'emojione']);
    expect(corpus.heldOutVendor).toBe('openmoji');
    const apple = labelled('red apple');
    expect(apple).toMatchObject({ id: '1f34e', group: 'food and drink', subgroup: 'food fruit' });
    expect(captionOf(apple)).toBe('red apple');
    expect(tagsOf(apple)).toMatch(/^apple, .*fruit.*red/);
    const drawn = corpus.images.filter(({ concept }) => concept === apple);
    expect(drawn.map(({ id }) => id)).toEqual([...corpus.trainVendors, 'openmoji'].map((vendor) => `${vendor}/1f34e`));
    for (const image of drawn) expect(image.svg()).toMatch(/^<svg[^>]* viewBox=.*<\/svg>\s*$/s);
  });

  it('counts its pictures by source', () => {
    expect(Object.fromEntries(corpus.sources.map(({ name, images }) => [name, images]))).toEqual({
      '@iconify-json/noto': 1645,
      '@iconify-json/fluent-emoji-flat': 1592,
      '@twemoji/svg': 1862,
      '@iconify-json/emojione': 1359,
      '@iconify-json/openmoji': 1878,
      'emojibase-data': 0,
    });
    expect(corpus.images).toHaveLength(8336);
    expect(new Set(corpus.images.map(({ id }) => id)).size).toBe(8336);
    for (const { version, licence } of corpus.sources) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(licence).not.toBe('');
    }
  });

  it('joins keycaps, whose code points vendors write in two ways', () => {
    expect(codePoints('31-20E3')).toBe('0031-20e3');
    expect(codePoints('0031-FE0F-20E3')).toBe('0031-20e3');
    const one = corpus.images.filter(({ concept }) => concept.label === 'keycap: 1');
    expect(one).toHaveLength(5);
  });

  it('does not take a drawing for what its name meant in 2016', () => {
    const emojione = corpus.images.filter(({ vendor }) => vendor === 'emojione').map(({ concept }) => concept.label);
    expect(emojione).toContain('cricket game');
    expect(emojione).not.toContain('cricket');
    expect(emojione).not.toContain('water pistol');
    const body = (label: string) => corpus.images.find((i) => i.id === `emojione/${labelled(label).id}`)?.svg();
    expect(body('UP! button')).not.toBe(body('upwards button'));
    expect(body('flag: Eswatini')).toBeDefined();
  });

  it('has one entry a concept, and neither skin tones nor components', () => {
    expect(new Set(corpus.concepts.map(({ label }) => label.toLowerCase())).size).toBe(corpus.concepts.length);
    for (const { id, group, label } of corpus.concepts) {
      expect(id).not.toMatch(/1f3f[b-f]|fe0f/);
      expect(group).not.toMatch(/component/);
      expect(label).not.toMatch(/[‘’“”]/);
    }
    expect(new Set(corpus.concepts.map(({ group }) => group)).size).toBe(9);
  });

  it('caps the concepts by a hash, with the same share held out and the same sides', () => {
    const capped = loadEmojiCorpus({ concepts: 200 });
    expect(capped.concepts).toHaveLength(200);
    expect(capped.concepts.filter(({ heldOut }) => heldOut)).toHaveLength(40);
    expect(loadEmojiCorpus({ concepts: 200 }).concepts).toEqual(capped.concepts);
    const sides = new Map(corpus.concepts.map(({ id, heldOut }) => [id, heldOut]));
    const larger = new Set(loadEmojiCorpus({ concepts: 300 }).concepts.map(({ id }) => id));
    for (const { id, heldOut } of capped.concepts) {
      expect(heldOut).toBe(sides.get(id));
      expect(larger).toContain(id);
    }
  });

  it('caps at concepts that every vendor of the subgroup drew', () => {
    const capped = loadEmojiCorpus({ concepts: 800 });
    const vendors = new Map<string, string[]>();
    for (const { vendor, concept } of capped.images)
      vendors.set(concept.id, [...(vendors.get(concept.id) ?? []), vendor]);
    const expected: Record<string, string[]> = {
      family: ['noto', 'twemoji', 'emojione', 'openmoji'],
      gender: ['noto', 'fluent', 'twemoji', 'openmoji'],
      'country flag': ['twemoji', 'emojione', 'openmoji'],
      'subdivision flag': ['twemoji', 'emojione', 'openmoji'],
    };
    for (const { id, subgroup } of capped.concepts) {
      expect(vendors.get(id)).toEqual(expected[subgroup] ?? [...capped.trainVendors, capped.heldOutVendor]);
    }
    expect(capped.concepts.filter(({ subgroup }) => subgroup === 'country flag').length).toBeGreaterThan(50);
  });

  it('refuses a cap that is no number of concepts', () => {
    expect(() => loadEmojiCorpus({ concepts: 0 })).toThrow(/1 concept or more/);
    expect(() => loadEmojiCorpus({ concepts: 1.5 })).toThrow(/1 concept or more/);
  });
});

describe('the split', () => {
  it('has four sides, which hold every picture once', () => {
    const sizes = SPLITS.map((split) => imagesOf(corpus, split).length);
    expect(sizes).toEqual([5222, 1516, 1236, 362]);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(corpus.images.length);
  });

  it('trains on nothing that is held out: no vendor, no concept, no label', () => {
    const trained = trainingImages(corpus);
    expect(trained).toEqual(imagesOf(corpus, 'train'));
    const labels = new Set(trained.map(({ concept }) => concept.label.toLowerCase()));
    const concepts = new Set(trainingConcepts(corpus));
    for (const image of trained) {
      expect(image.vendor).not.toBe('openmoji');
      expect(image.id).not.toMatch(/^openmoji/);
      expect(image.concept.heldOut).toBe(false);
      expect(concepts).toContain(image.concept);
    }
    for (const image of corpus.images) {
      const split = splitOf(image, corpus);
      if (split === 'unseen-concept' || split === 'unseen-both') {
        expect(labels).not.toContain(image.concept.label.toLowerCase());
      }
      if (split === 'seen-concept' || split === 'unseen-both') expect(image.vendor).toBe('openmoji');
    }
  });

  it('holds out a fifth of the concepts, those whose labels hash low', () => {
    const held = corpus.concepts.filter(({ heldOut }) => heldOut);
    expect(held.length / corpus.concepts.length).toBeGreaterThan(0.18);
    expect(held.length / corpus.concepts.length).toBeLessThan(0.22);
    expect(held.slice(0, 4).map(({ label }) => label)).toEqual([
      // Another hash or another share would move every published number.
      'slightly smiling face',
      'smiling face with smiling eyes',
      'smiling face with halo',
      'face blowing a kiss',
    ]);
  });

  it('keeps men, women and persons of one kind together, and families', () => {
    expect(['guard', 'man guard', 'woman guard'].map(baseOf)).toEqual(['guard', 'guard', 'guard']);
    expect(['man: bald', 'person: bald'].map(baseOf)).toEqual(['bald', 'bald']);
    expect(['man in tuxedo', 'woman with veil: facing right'].map(baseOf)).toEqual(['tuxedo', 'veil']);
    expect(['family: man, boy', 'kiss: man, man', 'flag: Norway'].map(baseOf)).toEqual([
      'family',
      'kiss',
      'flag: Norway',
    ]);
    const sides = new Map<string, boolean>();
    for (const { label, heldOut } of loadConcepts()) {
      const side = sides.get(baseOf(label)) ?? heldOut;
      expect(heldOut).toBe(side);
      sides.set(baseOf(label), side);
    }
  });
});
