import { lazyIconSet } from './iconify.js';
import type { Drawing, Vendor } from './vendor.js';

const PACKAGE = '@iconify-json/emojione';

/**
 * Emoji One 2. Its icons are keyed by the names that emoji had in 2016 and not by code points, so they are joined by
 * name: today's label, or {@link NAME_OF} where the name has changed since.
 */
export const emojione: Vendor = {
  name: 'emojione',
  package: PACKAGE,
  licence: 'CC-BY-4.0',
  heldOut: false,
  drawings: (concepts) => {
    const icons = lazyIconSet(PACKAGE);
    const names = new Set(icons.names());
    const drawings = new Map<string, Drawing>();
    for (const { id, label } of concepts) {
      const slug = slugOf(label);
      const candidates = [NAME_OF[label] ?? slug, slug.replace(/^flag-/, 'flag-for-')];
      const name = candidates.find((candidate) => names.has(candidate));
      if (name !== undefined) drawings.set(id, () => icons.draw(name));
    }
    return drawings;
  },
};

/** A label in the form of an icon's name: "flag: Côte d'Ivoire" is "flag-cote-divoire". */
function slugOf(label: string): string {
  return label
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f'".]/g, '')
    .replaceAll('&', 'and')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

/**
 * Names of 2016 by today's label. "water pistol" (then a gun) and "person with veil" (then a bride) are left out on
 * purpose: the drawing is not what the label says.
 */
const NAME_OF: Readonly<Record<string, string>> = {
  'smiling face with open hands': 'hugging-face',
  'face with crossed-out eyes': 'dizzy-face',
  'enraged face': 'pouting-face',
  robot: 'robot-face',
  'grinning cat': 'grinning-cat-face',
  'grinning cat with smiling eyes': 'grinning-cat-face-with-smiling-eyes',
  'cat with tears of joy': 'cat-face-with-tears-of-joy',
  'smiling cat with heart-eyes': 'smiling-cat-face-with-heart-eyes',
  'cat with wry smile': 'cat-face-with-wry-smile',
  'kissing cat': 'kissing-cat-face',
  'weary cat': 'weary-cat-face',
  'crying cat': 'crying-cat-face',
  'pouting cat': 'pouting-cat-face',
  lion: 'lion-face',
  unicorn: 'unicorn-face',
  hamster: 'hamster-face',
  bear: 'bear-face',
  panda: 'panda-face',
  frog: 'frog-face',
  'heart exclamation': 'heavy-heart-exclamation',
  'person: blond hair': 'blond-haired-person',
  'person with skullcap': 'man-with-chinese-cap',
  'person in suit levitating': 'man-in-suit-levitating',
  'women holding hands': 'two-women-holding-hands',
  'woman and man holding hands': 'man-and-woman-holding-hands',
  'men holding hands': 'two-men-holding-hands',
  bullseye: 'direct-hit',
  laptop: 'laptop-computer',
  multiply: 'heavy-multiplication-x',
  plus: 'heavy-plus-sign',
  minus: 'heavy-minus-sign',
  divide: 'heavy-division-sign',
  'red question mark': 'question-mark',
  'red exclamation mark': 'exclamation-mark',
  'hollow red circle': 'heavy-large-circle',
  'check mark button': 'white-heavy-check-mark',
  'check box with check': 'ballot-box-with-check',
  'check mark': 'heavy-check-mark',
  'keycap: #': 'keycap-pound',
  'keycap: *': 'keycap-asterisk',
  'A button (blood type)': 'a-button',
  'AB button (blood type)': 'ab-button',
  'B button (blood type)': 'b-button',
  'O button (blood type)': 'o-button',
  'UP! button': 'up-text-button',
  'chequered flag': 'flag-for-chequered-flag',
  'triangular flag': 'flag-for-triangular-flag',
  'crossed flags': 'flag-for-crossed-flags',
  'black flag': 'flag-for-black-flag',
  'white flag': 'flag-for-white-flag',
  'rainbow flag': 'flag-for-rainbow-flag',
  'flag: Cocos (Keeling) Islands': 'flag-for-cocos-islands',
  'flag: Macao SAR China': 'flag-for-macau-sar-china',
  'flag: North Macedonia': 'flag-for-macedonia',
  'flag: Myanmar (Burma)': 'flag-for-myanmar',
  'flag: Eswatini': 'flag-for-swaziland',
  'flag: Türkiye': 'flag-for-turkey',
};
