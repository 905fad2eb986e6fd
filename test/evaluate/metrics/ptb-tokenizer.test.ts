import { describe, expect, it } from 'vitest';
import { ptbTokenize, ptbTokenizeAll } from '../../../src/evaluate/metrics/ptb-tokenizer.js';

const list = (words: string) => words.trim().split(/\s+/);

/** What Stanford's tokenizer keeps the period of: found by trying words of two to twelve letters. */
const ABBREVIATIONS = list(`
  adj adm adv al ala alex apr ariz assn asst atty aug ave bhd bldg blvd brig bros calif capt cf cie cmdr co col colo conn
  corp cos cpl ct dak dec dept det dr drs elec ens esq est etc ext feb fla fri ft ga gen gov govs hon inc ind insp intl
  invt jan jos jr jul jun kan kans ky lieut lt ltd maj mar md messrs mfg mich minn mlle mme mo mon mont mr mrs ms msgr mt
  mtg natl neb nev nov oct okla penn pfc ph plc pres prof pty ptys pvt rd rep reps rev rt sen sens sep sept seq sfc sgt
  spc sq sr st ste supt sys tel tenn thu tue tues univ va vs vt wed wis wisc wm wyo`);
const WITH_CAPITAL = list('ark az del ill la mass miss ore pa tex wash');
const BEFORE_NUMBERS = list('art ca fig figs no nos op pp prop');
const STARTERS = list(`
  A About According Additionally After An As At But Earlier He Her Here However If In It Last Many More Mr. Ms. Now Once
  One Other Our She Since So Some Such That The Their Then There These They This We What When While Yet You`);
const capital = (word: string) => word[0]!.toUpperCase() + word.slice(1);

describe('Penn Treebank tokens', () => {
  // Expected: Stanford CoreNLP 3.4.1's PTBTokenizer, -preserveLines -lowerCase, and what caption scorers drop of it.
  it.each([
    ["They're done; we'll go, I'd've", "they 're done we 'll go i 'd 've"],
    ["He can't, won't and isn't. DON'T", "he ca n't wo n't and is n't do n't"],
    ['it’s the kids’ dog’s ‘red’ ball, isn’t it', "it 's the kids dog 's red ball is n't it"],
    ['wouldn`t', 'would n`t'],
    ["the dog's, the boys' and the 'big' one", "the dog 's the boys and the big one"],
    ["O'Neill at 5 o'clock, hors-d'oeuvre d'Angelo", "o'neill at 5 o'clock hors-d'oeuvre d'angelo"],
    ["Ma'am, a K'nex po'boy in Hawai'i; the maria's", "ma'am a k'nex po boy in hawai'i the maria 's"],
    ["MAE'S SHE'S THEY'RE", "mae 's she 's they 're"],
    [
      "y'all c'mon, ne'er e'er li'l s'mores nor'easter c'est ev'ry nat'l n'sync",
      "y' all c'mon ne'er e'er li'l s'mores nor'easter c'est ev'ry nat'l n'sync",
    ],
    ["Dunkin' Donuts, ol' man, somethin' goin' on", "dunkin' donuts ol' man somethin' goin on"],
    [
      "’til 'em 'cause 'bout 'till rock'n'roll 'n roll more'n",
      "’til 'em 'cause bout 'till rock 'n' roll 'n roll more 'n",
    ],
    ["the '80s, '90S, '05 and '76 dog, '5 x'76, 80's ‘80s", "the '80s '90s '05 and '76 dog 5 x 76 80 's 80s"],
    ['I wanna, gotta and cannot', 'i wan na got ta and can not'],
    ["lemme GIMME Gonna 'tis ‘tis 'Twas", "lem me gim me gon na 't is tis 't was"],
    [
      "Cannot cannot, cannotation gonnax can-not cannot's gonna-x",
      "can not can not cannotation gonnax can-not cannot 's gonna-x",
    ],
    ['Mr. Smith of St. Louis met J. Doe at 10 a.m.', 'mr. smith of st. louis met j. doe at 10 a.m.'],
    [
      'a U.S. flag, the U.S.A. and U.S.-made anti-U.S. year-i.e. dog',
      'a u.s. flag the u.s.a. and u.s.-made anti-u.s. year-i.e. dog',
    ],
    ['letter R. The dog', 'letter r the dog'],
    ['letter R. Dog and r. A man', 'letter r. dog and r a man'],
    ['letter R. Ms. X and R. the dog', 'letter r ms. x and r. the dog'],
    ['the letter R.', 'the letter r.'],
    ['The fig. shows no. 7 and no.', 'the fig shows no. 7 and no'],
    ['No.5 Rt.66 vol.2 p.5 Dr.Pepper Jan.5', 'no. 5 rt. 66 vol .2 p. 5 dr.pepper jan. 5'],
    ['Mass. and mass. in La. la.', 'mass. and mass in la. la'],
    ['pp., x-ray., 5., café.; dogs.: 1,000., w/o.,', 'pp. x-ray. 5. café. dogs. 1,000 w/o'],
    ["Ph.D. and Ph.D.'s ed.d.", "ph.d. and ph.d. 's ed.d."],
    ['dog.Cat dog!cat it.It end. x.y.z a.1 U.S.5', 'dog.cat dog!cat it.it end x.y.z a. 1 u.s. 5'],
    ['the “red” "blue" «green» ball – new… and—old', 'the red blue green ball new and old'],
    ['wait...dog ... -- ! .. ----- ---', 'wait dog -----'],
    [
      'two-year-old, black-and-white 1,000-foot x-1.5 mid-air- -like dog--cat well\u2011being',
      'two-year-old black-and-white 1,000-foot x-1 .5 mid-air like dog cat well\u2011being',
    ],
    ['a-b_c foo_bar _x __ post-9/11', 'a-b_c foo_bar _ x __ post-9 / 11'],
    [
      'cup/saucer his/her/their a/b/c/d w/ w/o black-and-white/red 1/2-inch x/y-z',
      'cup/saucer his/her/their a/b/c / d w / w/o black-and-white/red 1/2-inch x/y-z',
    ],
    ['1/2 of 10/12/2014, 24/7 5-9/11 9-1/2 10-12-2014', '1/2 of 10/12/2014 24/7 5-9/11 9-1/2 10-12-2014'],
    ['1 1/2 cups ½ cup 1½ ⅓ ¼-cup', '1\u00A01/2 cups 1/2 cup 1 1/2 1/3 1/4 cup'],
    [
      '1,000 3:30 3:30pm 10am 1.5x .5 -5 +5x -5x 1,500th 5:30-6:30 ratio:2 5.5. 1.2.3',
      '1,000 3:30 3:30 pm 10am 1.5 x .5 -5 +5 x -5 x 1,500 th 5:30 -6:30 ratio :2 5.5 1.2.3',
    ],
    [
      'call 555-1234 or (555) 123-4567, 555.123.4567 +44 20 7946',
      'call 555-1234 or -lrb-555-rrb-\u00A0123-4567 555.123.4567 +44 20 7946',
    ],
    ['1990-2000, 10-15 and 2010 2011', '1990-2000 10-15 and 2010 2011'],
    ['$5 US$5.00 a$5 5¢ £5 €5 $1,000.50 50%', '$ 5 us$ 5.00 a $ 5 5 cents # 5 $ 5 $ 1,000.50 50 %'],
    ['AT&T sells {x} [y] (z) for €5', 'at&t sells -lcb- x -rcb- -lsb- y -rsb- -lrb- z -rrb- for $ 5'],
    ['H&M r&b M&Ms C++ c# a & b dog&cat A+B b+', 'h&m r & b m&m s c++ c# a & b dog & cat a+b b +'],
    ['wow!! really?! no ?', 'wow !! really ?! no'],
    [
      ':) :-( ;) =D :P x:Dog :dog (x;) ^_^ (-_-) >:) :O',
      ':-rrb- :--lrb- ;-rrb- =d :p x dog dog -lrb- x ;-rrb- ^_^ -lrb--_--rrb- >:-rrb- :o',
    ],
    ['#1 #5 #hashtag @user_1 # @a @@ #a_b', '# 1 # 5 #hashtag @user_1 # @a @@ #a _ b'],
    [
      'http://x.com/a?b=c. www.x.com/a,b, (https://x.org/a) flickr.com youtube.com/watch me@x.co.uk.',
      'http://x.com/a?b=c www.x.com/a,b -lrb- https://x.org/a -rrb- flickr.com youtube.com/watch me@x.co.uk',
    ],
    [
      '<b>dog</b> <br/> <img src="a b.jpg"> < 3 <3 a > b',
      '<b> dog </b> <br/> <img\u00A0src="a\u00A0b.jpg"> < 3 < 3 a > b',
    ],
    [
      'dog &amp; cat, AT&amp;T &quot;x&quot; &lt;3 don&apos;t&nbsp;go &mdash; &#39;',
      "dog & cat at&t x < 3 do n't go &#39;",
    ],
    ['a 😀 dog❤️ ★ ♥ ₹5 ☆ ¥5 90°F é́ 東京。「猫」 \uFEFFx', 'a dog ❤ ★ ♥ 5 ☆ ¥ 5 90 ° f é́ 東京 。 猫 x'],
    ["naïve café résumé Zürich's Übers-x привет,мир", "naïve café résumé zürich 's übers-x привет мир"],
    ["-LRB- dog -rsb- ''x'' ``y''", '-lrb- dog -rsb- x y'],
    ['== ** *** ~~ ^^ || \\\\ % + ++ _ = << >>', '= = ** *** ~ ~ ^ ^ | | \\ \\ % + + + _ = << >>'],
    ['a\tb d\u200Be f\u00ADg -', 'a b d e fg'],
    ['gimme ¤5, ¾ or ⅔ &gt; 1&ndash;2', 'gim me $ 5 3/4 or 2/3 > 1 2'],
    ['', ''],
    ['... -- !', ''],
  ])('of %s', (caption, tokens) => {
    expect(ptbTokenize(caption).join(' ')).toBe(tokens);
  });

  it('keep the period of abbreviations in any case', () => {
    for (const word of ABBREVIATIONS) {
      expect(ptbTokenize(`a ${word}. dog`)).toEqual(['a', `${word}.`, 'dog']);
      expect(ptbTokenize(`a ${capital(word)}. dog`)).toEqual(['a', `${word}.`, 'dog']);
    }
  });

  it('keep the period of some only with a capital, and of some only before a number', () => {
    for (const word of WITH_CAPITAL) {
      expect(ptbTokenize(`a ${word}. ${capital(word)}. ${word.toUpperCase()}.`)).toEqual([
        'a',
        word,
        `${word}.`,
        `${word}.`,
      ]);
    }
    for (const word of BEFORE_NUMBERS) {
      expect(ptbTokenize(`a ${word}. ${capital(word)}. 5`)).toEqual(['a', word, `${word}.`, '5']);
    }
  });

  it('take the period of no other word', () => {
    for (const word of list('dog max min sec hr lbs cm tbsp apt approx vol ch mass miss in is us up')) {
      expect(ptbTokenize(`a ${word}. dog`)).toEqual(['a', word, 'dog']);
    }
  });

  it('end a sentence after a single letter before a word that begins one', () => {
    for (const word of STARTERS) {
      const next = word.toLowerCase();
      expect(ptbTokenize(`plan B. ${word} dog`)).toEqual(['plan', 'b', next, 'dog']);
      expect(ptbTokenize(`plan B. ${word.toUpperCase()} dog`)).toEqual(['plan', 'b', next, 'dog']);
      expect(ptbTokenize(`plan B. ${next} dog`)).toEqual(['plan', 'b.', next, 'dog']);
    }
  });

  it('of several captions are those of one file, a caption a line', () => {
    expect(ptbTokenizeAll(['It is plan B.', 'The dog', '', '!', 'A plan B.', 'two dogs\nrun', 'plan B.'])).toEqual([
      ['it', 'is', 'plan', 'b'],
      ['the', 'dog'],
      [],
      [],
      ['a', 'plan', 'b.'],
      ['two', 'dogs', 'run'],
      ['plan', 'b.'],
    ]);
    expect(ptbTokenizeAll([])).toEqual([]);
    expect(ptbTokenizeAll([''])).toEqual([[]]);
  });
});
