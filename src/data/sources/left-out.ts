/** Why a document of somebody's data is left out: each a rule that `mm1` states and counts. */
export const REASONS = [
  'invalid UTF-8',
  'invalid JSON',
  'other fields than the format has',
  'larger than 64 MiB',
  'empty caption',
  'empty question or answer',
  'empty text',
  'no image',
  'more than 30 images',
  'missing image',
  'broken image',
  'image of more than 100 megapixels',
  'path outside its folder',
  'link or device',
] as const;

export type Reason = (typeof REASONS)[number];

/** Thrown, or given in a record's place, where a document breaks a rule; the walk goes on with the next one. */
export class LeftOut extends Error {
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(reason);
    this.name = 'LeftOut';
    this.reason = reason;
  }
}

/** What was read, or why it could not be. */
export function orLeftOut<T>(read: () => T): T | LeftOut {
  try {
    return read();
  } catch (fault) {
    if (fault instanceof LeftOut) return fault;
    throw fault;
  }
}
