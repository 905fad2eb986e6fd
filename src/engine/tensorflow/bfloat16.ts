import type { Attribute, Binding, Metadata } from './backend.js';

/** What tfjs-node runs a matrix product as. */
const PRODUCT = 'BatchMatMulV2';
/** TensorFlow's number of the type, of which tfjs's binding knows nothing. */
const TF_BFLOAT16 = 14;

/**
 * A binding that casts both sides of a matrix product to bfloat16, and the product, whose sums TensorFlow takes in float32, back to
 * float32. It may stand before a recorder, which then records the casts.
 */
export function bfloat16Products(real: Binding): Binding {
  const { TF_FLOAT } = real;
  const type = (name: string, value: number): Attribute => ({ name, type: real.TF_ATTR_TYPE, value });
  const cast = (from: number, to: number, id: number): Metadata => {
    const truncate = { name: 'Truncate', type: real.TF_ATTR_BOOL, value: false };
    return real.executeOp('Cast', [type('SrcT', from), type('DstT', to), truncate], [id], 1)[0]!;
  };

  function executeOp(op: string, attributes: readonly Attribute[], inputs: readonly number[], outputs: number) {
    const isProduct = op === PRODUCT && attributes.some(({ name, value }) => name === 'T' && value === TF_FLOAT);
    if (!isProduct) return real.executeOp(op, attributes, inputs, outputs);
    const narrow = inputs.map((id) => cast(TF_FLOAT, TF_BFLOAT16, id).id);
    const others = attributes.filter(({ name }) => name !== 'T');
    const [product] = real.executeOp(op, [type('T', TF_BFLOAT16), ...others], narrow, 1);
    const wide = cast(TF_BFLOAT16, TF_FLOAT, product!.id);
    for (const id of [...narrow, product!.id]) real.deleteTensor(id);
    return [wide];
  }
  return Object.create(real, { executeOp: { value: executeOp } }) as Binding;
}
