/** HTML that may stand in a page as it is. */
export class Markup {
  constructor(readonly text: string) {}
}

type Inner = string | number | Markup | readonly Inner[] | null | undefined | false;

/** HTML from a template: whatever is put in is text, unless it is markup already. */
export function html(parts: TemplateStringsArray, ...inner: readonly Inner[]): Markup {
  return new Markup(parts.map((part, i) => part + (i < inner.length ? textOf(inner[i]) : '')).join(''));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function textOf(inner: Inner): string {
  if (inner === null || inner === undefined || inner === false) return '';
  if (inner instanceof Markup) return inner.text;
  if (typeof inner === 'object') return inner.map(textOf).join('');
  return String(inner).replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}
