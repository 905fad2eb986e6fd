import type { Report } from './results.js';

/** The report as JSON text, with a newline at its end. */
export function renderJson(report: Report): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}
