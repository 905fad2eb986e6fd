import { createHash } from 'node:crypto';
import type { Attribute, Binding, Metadata, Values } from './backend.js';

/** Bounds of ids that a step was given and looks rows up by: XLA gives a number for an id out of range, and says nothing. */
export interface IdBounds {
  /** Which of the step's inputs. */
  readonly input: number;
  /** Least id, and number of ids. */
  readonly least: number;
  readonly count: number;
}

/** Output of a node of the graph. */
type End = readonly [node: number, output: number];

/** Ops that take lists: how many inputs each of their arguments takes, given how many there are; -1 is a single one. */
const LISTS: Readonly<Record<string, (inputs: number) => number[]>> = {
  ConcatV2: (inputs) => [inputs - 1, -1],
  Pack: (inputs) => [inputs],
  AddN: (inputs) => [inputs],
};
const DRAWS = /^(Random|ParameterizedTruncated|TruncatedNormal|Multinomial)/;
/** Constants of at most so many numbers are remembered by value while a step is recorded. */
const REMEMBERED = 16;

/**
 * Stands in the binding's place while a step runs op by op, lets every op run, and writes it down as a node of a graph.
 * What a graph cannot hold (a value that goes to the host, a random draw, a tensor from elsewhere) is refused by name.
 */
export class Recorder {
  readonly binding: Binding;
  readonly bounds: IdBounds[] = [];
  private readonly graph: number;
  private readonly digest = createHash('sha256');
  private readonly ends = new Map<number, End>();
  private readonly ops: string[] = [];
  private readonly shapes = new Map<number, readonly number[]>();
  private readonly constants = new Map<number, Values | null>();
  /** Ids that are an input's own values, moved by a constant. */
  private readonly ids = new Map<number, { readonly input: number; readonly offset: number }>();

  constructor(private readonly real: Binding) {
    this.graph = real.beginGraph();
    this.binding = Object.create(real, {
      executeOp: { value: this.executeOp.bind(this) },
      createTensor: { value: this.createTensor.bind(this) },
      tensorDataSync: { value: this.tensorDataSync.bind(this) },
    }) as Binding;
  }

  /** Makes a tensor an input of the graph. */
  input(id: number, dtype: number, shape: readonly number[], number: number): number {
    const { TF_ATTR_TYPE, TF_ATTR_SHAPE, TF_INT32 } = this.real;
    const node = this.add('Placeholder', [
      { name: 'dtype', type: TF_ATTR_TYPE, value: dtype },
      { name: 'shape', type: TF_ATTR_SHAPE, value: shape },
    ]);
    this.ends.set(id, [node, 0]);
    this.shapes.set(id, shape);
    if (dtype === TF_INT32) this.ids.set(id, { input: number, offset: 0 });
    return node;
  }

  /** Adds a node that was not run. */
  add(
    op: string,
    attributes: readonly Attribute[],
    inputs: readonly End[] = [],
    controls: readonly number[] = [],
  ): number {
    return this.write(op, attributes, inputs, controls, -1, null);
  }

  /** Says that a tensor is what an output of a node gives. */
  name(id: number, end: End, shape: readonly number[]): void {
    this.ends.set(id, end);
    this.shapes.set(id, shape);
  }

  /** Where in the graph a tensor comes from. */
  endOf(id: number): End {
    const end = this.ends.get(id);
    if (end) return end;
    throw new Error("a compiled step uses a tensor that it was not given: hand it in with the step's input");
  }

  /** The graph's identity: what its nodes are and hold. Ends the recording of it. */
  identity(): string {
    return this.digest.digest('hex').slice(0, 24);
  }

  install(name: string, inputs: readonly number[], outputs: readonly End[], controls: readonly number[]): void {
    this.real.installFunction(this.graph, name, inputs, outputs.flat(), controls);
  }

  drop(): void {
    this.real.dropGraph(this.graph);
  }

  private executeOp(
    op: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: number,
  ): Metadata[] {
    if (DRAWS.test(op)) throw new Error(`${op} draws anew each time: a compiled step is given its random numbers`);
    const ends = inputs.map((id) => this.endOf(id));
    const made = this.real.executeOp(op, attributes, inputs, outputs);
    const node = this.write(op, attributes, ends, [], -1, null);
    made.forEach(({ id, shape }, output) => {
      this.name(id, [node, output], shape);
    });
    this.follow(op, inputs, made[0]);
    return made;
  }

  private createTensor(shape: readonly number[], dtype: number, values: Values): number {
    const id = this.real.createTensor(shape, dtype, values);
    const uniform = values.length > 1 && values.every((value) => value === values[0]);
    this.name(id, [uniform ? this.fill(shape, dtype, values) : this.constant(id, dtype, values), 0], shape);
    this.constants.set(id, values.length <= REMEMBERED ? values : null);
    return id;
  }

  /** A value that comes from the host anyway may be looked at. */
  private tensorDataSync(id: number): Values {
    if (this.constants.has(id)) return this.real.tensorDataSync(id);
    const end = this.ends.get(id);
    throw new Error(`a compiled step reads the result of ${end ? this.ops[end[0]] : 'another step'} back to the host`);
  }

  private constant(tensor: number, dtype: number, values: Values): number {
    const attributes = [{ name: 'dtype', type: this.real.TF_ATTR_TYPE, value: dtype }];
    return this.write('Const', attributes, [], [], tensor, values);
  }

  /** One number, told once. */
  private fill(shape: readonly number[], dtype: number, values: Values): number {
    const dims = Int32Array.from(shape);
    const sizes = this.real.createTensor([shape.length], this.real.TF_INT32, dims);
    const one = values.slice(0, 1);
    const value = this.real.createTensor([], dtype, one);
    const node = this.write(
      'Fill',
      [],
      [
        [this.constant(sizes, this.real.TF_INT32, dims), 0],
        [this.constant(value, dtype, one), 0],
      ],
      [],
      -1,
      null,
    );
    this.real.deleteTensor(sizes);
    this.real.deleteTensor(value);
    return node;
  }

  private write(
    op: string,
    attributes: readonly Attribute[],
    inputs: readonly End[],
    controls: readonly number[],
    tensor: number,
    content: Values | null,
  ): number {
    const lists = LISTS[op]?.(inputs.length) ?? [];
    this.digest.update(JSON.stringify([op, attributes, inputs, controls]));
    if (content) this.digest.update(content);
    this.ops.push(op);
    return this.real.addNode(this.graph, op, attributes, inputs.flat(), lists, controls, tensor);
  }

  /** Follows an input's ids to where rows are looked up by them. */
  private follow(op: string, inputs: readonly number[], made: Metadata | undefined): void {
    const known = (place: number) => this.constants.get(inputs[place]!)?.[0];
    const bound = (place: number, count: number | undefined) => {
      const found = this.ids.get(inputs[place]!);
      if (found && count !== undefined) this.bounds.push({ input: found.input, least: -found.offset, count });
    };
    if (op === 'GatherV2') bound(1, this.shapes.get(inputs[0]!)![known(2) ?? 0]);
    if (op === 'OneHot') bound(0, known(1));
    if (!made) return;
    const [first, second] = inputs.map((id) => this.ids.get(id));
    if ((op === 'Reshape' || op === 'Identity' || op === 'ExpandDims') && first) this.ids.set(made.id, first);
    if (op === 'Add' && (first ?? second)) {
      const { input, offset } = (first ?? second)!;
      const added = known(first ? 1 : 0);
      if (added !== undefined) this.ids.set(made.id, { input, offset: offset + added });
    }
  }
}
