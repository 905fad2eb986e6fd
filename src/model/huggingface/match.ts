import * as tf from '@tensorflow/tfjs-core';
import { nearest } from '../../config/nearest.js';
import { Mm1Error } from '../../errors.js';
import { readTensors, type TensorPlace } from '../../store/safetensors.js';
import { shown } from '../../store/safetensors-header.js';
import type { ParameterSpecs } from '../parameters.js';
import type { FoundTensor } from './tensor-files.js';

/** Tensors with one kind of fault are counted beyond these. */
const MOST_LISTED = 4;

/**
 * Looks at the names and shapes of a checkpoint's weights.
 * @param folder of the checkpoint, for the error
 * @param found what is there, under our names
 * @param specs what the model of config.json needs
 * @throws Mm1Error E_CHECKPOINT that lists the tensors that are missing, not expected, misshaped or no floats
 */
export function checkMatching(folder: string, found: ReadonlyMap<string, FoundTensor>, specs: ParameterSpecs): void {
  const faults = compare(found, specs);
  const count = faults.reduce((total, { lines }) => total + lines.length, 0);
  if (count > 0) {
    const lines = faults.flatMap((fault) => [
      ...fault.lines.slice(0, MOST_LISTED).map((line) => `    ${fault.what}: ${line}`),
      ...(fault.lines.length > MOST_LISTED ? [`    ${fault.what}: ${fault.lines.length - MOST_LISTED} more`] : []),
    ]);
    throw new Mm1Error(
      `${count === 1 ? '1 tensor does' : `${count} tensors do`} not fit config.json\n${lines.join('\n')}`,
      {
        code: 'E_CHECKPOINT',
        where: folder,
        remedy: 'Check that config.json and the weights are of one model, and that all of its files are there.',
      },
    );
  }
}

/**
 * Reads a checkpoint's weights, after a look at all names and shapes. Parameters as of {@link checkMatching}.
 * @returns the weights; the caller disposes of them
 * @throws Mm1Error E_CHECKPOINT as {@link checkMatching}, or if a file cannot be read
 */
export function readMatching(
  folder: string,
  found: ReadonlyMap<string, FoundTensor>,
  specs: ParameterSpecs,
): Record<string, tf.Tensor> {
  checkMatching(folder, found, specs);
  const byFile = new Map<string, Map<string, TensorPlace>>();
  for (const [name, { file, place }] of found) {
    const places = byFile.get(file) ?? new Map<string, TensorPlace>();
    byFile.set(file, places.set(name, place));
  }
  const parameters: Record<string, tf.Tensor> = {};
  try {
    for (const [file, places] of byFile) {
      for (const [name, { shape, values }] of readTensors(file, places)) {
        parameters[name] = tf.tensor(values as Float32Array, [...shape], 'float32');
      }
    }
  } catch (error) {
    tf.dispose(parameters);
    throw error;
  }
  return parameters;
}

/** What does not fit, by the kind of fault. */
function compare(found: ReadonlyMap<string, FoundTensor>, specs: ParameterSpecs): { what: string; lines: string[] }[] {
  const list = (shape: readonly number[]) => `[${shape.join(', ')}]`;
  const absent = Object.keys(specs).filter((name) => !found.has(name));
  const missing = absent.map((name) => `${name} ${list(specs[name]!.shape)}`);
  const extra: string[] = [];
  const misshaped: string[] = [];
  const integers: string[] = [];
  for (const [name, { place }] of found) {
    const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
    if (!spec) {
      const meant = extra.length < MOST_LISTED ? nearest(name, absent) : undefined;
      const question = meant === undefined ? '' : `; is it meant to be ${meant}?`;
      extra.push(`${shown(name)} ${list(place.shape)}${question}`);
    } else if (spec.shape.join() !== place.shape.join()) {
      misshaped.push(`${name} is ${list(place.shape)}, expected is ${list(spec.shape)}`);
    } else if (!/^B?F\d/.test(place.kind)) {
      integers.push(`${name} holds ${place.kind}`);
    }
  }
  return [
    { what: 'misshaped', lines: misshaped },
    { what: 'no floats', lines: integers },
    { what: 'not expected', lines: extra },
    { what: 'missing', lines: missing },
  ];
}
