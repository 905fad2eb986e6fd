/** A report, or a part of one, as JSON text with a newline at its end. */
export function renderJson(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
