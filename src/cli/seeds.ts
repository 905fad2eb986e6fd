import { InvalidArgumentError } from 'commander';

/**
 * Reads the value of `--seeds`: whole numbers with commas between them, as in `0` or `0,1,2`. Whether the numbers
 * are seeds that a grid can have is for `loadGrid` to say.
 *
 * @throws InvalidArgumentError, which commander turns into a usage error
 */
export function parseSeeds(text: string): number[] {
  return text.split(',').map((part) => {
    if (!/^\s*-?\d+\s*$/.test(part)) throw new InvalidArgumentError('give whole numbers with commas, as in 0,1,2.');
    return Number(part);
  });
}
