import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  type Pair,
  Parser,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import type { Place, Problems, Source } from './problems.js';

/** No grid nests deeper than this; a file that does is an attack on the parser's stack. */
const DEEPEST = 64;
/** Most nodes that aliases may expand to: a small file must not unfold into gigabytes. */
const MOST_ALIASES = 100;

/** A path from the top of the file: keys of maps and positions in lists. */
export type Path = readonly (string | number)[];

/** A YAML file as plain values that still know where they stand. */
export class GridDocument {
  /** The file's content; undefined when its YAML is broken. */
  readonly value: unknown;
  readonly #document: Document | undefined;
  readonly #counter = new LineCounter();
  readonly #entries = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

  readonly #source: { readonly source?: Source };

  /**
   * Parses `text` and adds everything that is wrong with its YAML to `problems`.
   * @param source the file, where it is another one than the problems' own
   */
  constructor(text: string, problems: Problems, source?: Source) {
    this.#source = source ? { source } : {};
    if (tooDeep(text)) {
      problems.add(this.#start(), `the file nests deeper than ${DEEPEST} levels`);
      return;
    }
    // The parser's own search for duplicate keys takes quadratic time.
    const document = parseDocument(text, { lineCounter: this.#counter, prettyErrors: false, uniqueKeys: false });
    this.#document = document;
    let broken = false;
    for (const { code, message, pos } of [...document.errors, ...document.warnings]) {
      const several = code === 'MULTIPLE_DOCS';
      problems.add(
        this.#place(pos[0], pos[0] + 1),
        several ? 'the file holds several documents: a grid is one' : message,
      );
      // Only a second document leaves the first one whole; after other errors the structure is a guess.
      broken ||= !several;
    }
    if (broken) return;
    this.#findDuplicateKeys(document, problems);
    if (this.#findUnresolvedAliases(document, problems)) return;
    try {
      this.value = document.toJS({ maxAliasCount: MOST_ALIASES });
    } catch (error) {
      if (!(error instanceof ReferenceError)) throw error;
      problems.add(
        this.#firstAlias(document),
        'aliases (*name) expand to more than a grid can hold: write the values out',
      );
    }
  }

  /** Where the value at `path` stands; the nearest thing around it when there is none. */
  placeOf(path: Path): Place {
    return this.#find(path).value;
  }

  /** Where the key of the entry at `path` stands. */
  placeOfKey(path: Path): Place {
    const { key, value } = this.#find(path);
    return key ?? value;
  }

  #find(path: Path): { key: Place | undefined; value: Place } {
    let node: unknown = this.#document?.contents;
    let found = { key: undefined as Place | undefined, value: this.#placeOfNode(node) };
    for (const step of path) {
      if (isAlias(node) && this.#document) node = node.resolve(this.#document);
      if (isMap(node)) {
        const pair = this.#entriesOf(node).get(String(step));
        if (!pair) return found;
        const key = this.#placeOfNode(pair.key);
        node = pair.value;
        found = { key, value: node === null ? key : this.#placeOfNode(node, key) };
      } else if (isSeq(node) && typeof step === 'number' && node.items[step] !== undefined) {
        node = node.items[step];
        found = { key: undefined, value: this.#placeOfNode(node) };
      } else return found;
    }
    return found;
  }

  /** A map's entries by key, made once: a file with a thousand faults is searched a thousand times. */
  #entriesOf(map: YAMLMap): ReadonlyMap<string, Pair> {
    let entries = this.#entries.get(map);
    if (!entries) {
      // The last of two equal keys is the one whose value counts.
      entries = new Map(map.items.flatMap((pair) => (isScalar(pair.key) ? [[String(pair.key.value), pair]] : [])));
      this.#entries.set(map, entries);
    }
    return entries;
  }

  #start(): Place {
    return { line: 1, column: 1, length: 1, ...this.#source };
  }

  #placeOfNode(node: unknown, otherwise: Place = this.#start()): Place {
    const range = (node as Node | null | undefined)?.range;
    if (!range) return otherwise;
    // An empty value ("seeds:") has a place of no length: its key says more.
    return range[0] === range[1] ? otherwise : this.#place(range[0], range[1]);
  }

  #place(start: number, end: number): Place {
    const { line, col } = this.#counter.linePos(start);
    // Before the first line break is counted, the counter's line is 0.
    return { line: Math.max(1, line), column: Math.max(1, col), length: Math.max(1, end - start), ...this.#source };
  }

  #findDuplicateKeys(document: Document, problems: Problems): void {
    visit(document, {
      Map: (_, map) => {
        const seen = new Map<string, Place>();
        for (const { key } of map.items) {
          if (!isScalar(key)) continue;
          const name = String(key.value);
          const first = seen.get(name);
          if (first) problems.add(this.#placeOfNode(key), `"${name}" is given twice, first on line ${first.line}`);
          else seen.set(name, this.#placeOfNode(key));
        }
      },
    });
  }

  #findUnresolvedAliases(document: Document, problems: Problems): boolean {
    const anchors = new Set<string>();
    let found = false;
    visit(document, {
      Node: (_, node) => {
        if (isAlias(node)) {
          if (anchors.has(node.source)) return;
          found = true;
          problems.add(this.#placeOfNode(node), `there is no anchor "&${node.source}" before this alias`);
        } else if (node.anchor) anchors.add(node.anchor);
      },
    });
    return found;
  }

  #firstAlias(document: Document): Place {
    let place = this.#placeOfNode(document.contents);
    visit(document, {
      Alias: (_, alias) => {
        place = this.#placeOfNode(alias);
        return visit.BREAK;
      },
    });
    return place;
  }
}

/** The composer is recursive, and dies of deep nesting; the parser below it only stacks. */
function tooDeep(text: string): boolean {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    for (const _ of parser.next(lexeme)) {
      // Finished documents are of no interest here.
    }
    if (parser.stack.length > DEEPEST) return true;
  }
  return false;
}
