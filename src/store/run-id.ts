import { distance } from 'fastest-levenshtein';
import { Mm1Error } from '../errors.js';

/**
 * A run's name for people: when it began, in UTC, and which grid it ran, as in `20261122-181530-connector`.
 * A run that begins within the same second as another of the same grid gets `-2`, `-3` and so on.
 *
 * @param taken whether an id is already somebody's
 */
export function newRunId(startedAt: Date, name: string, taken: (id: string) => boolean): string {
  const [date, time] = startedAt.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').split('T');
  // The id is typed in a shell and may become a folder's name: letters, digits and single hyphens alone.
  const slug = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replaceAll(/^-+|-+$/g, '');
  const stem = `${date}-${time}-${slug || 'grid'}`;
  let id = stem;
  for (let count = 2; taken(id); count++) id = `${stem}-${count}`;
  return id;
}

/** The error of a run that does not exist, with the ids that look most like what was typed. */
export function runNotFound(typed: string, ids: readonly string[], file: string): Mm1Error {
  const nearest = ids
    .map((id) => ({ id, far: id.includes(typed) ? 0 : distance(id, typed) }))
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ id }) => id);
  return new Mm1Error(`there is no run "${typed}"`, {
    code: 'E_RUN_NOT_FOUND',
    where: file,
    remedy: `The nearest: ${nearest.join(', ')}. "latest" is the newest.`,
  });
}
