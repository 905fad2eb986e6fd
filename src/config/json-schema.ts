import { z } from 'zod';
import { gridSchema, SETTINGS } from './schema.js';

/** A part of a JSON Schema. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const of = (schema: z.ZodType): JsonSchema => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
};

/**
 * The JSON Schema (draft 2020-12) of a grid file, made of the schema that grids are read by. Rules between settings, and whether
 * files are there, are beyond it: `mm1 plan` tells those.
 */
export function gridJsonSchema(): JsonSchema {
  const grid = z.toJSONSchema(gridSchema, { io: 'input', unrepresentable: 'any' });
  const settings = Object.fromEntries([...SETTINGS].map(([path, setting]) => [path, of(setting)]));
  const row = { type: ['object', 'null'], properties: settings, additionalProperties: false };
  const rows = { type: 'object', minProperties: 1, additionalProperties: row };
  const conditions = { type: 'object', minProperties: 1 };
  const conditional = (values: JsonSchema) => ({
    anyOf: [
      values,
      { type: 'object', properties: { values, when: conditions }, required: ['values'], additionalProperties: false },
    ],
  });
  const listOf = (items: JsonSchema) => ({ type: 'array', minItems: 1, items });
  const zipped = listOf({ type: 'array', minItems: 2 });
  const { required = [], ...others } = grid;
  return {
    ...others,
    title: 'Grid of mm1',
    // What another grid has, one that is laid over it need not say again.
    anyOf: [{ required }, { required: ['extends'] }],
    properties: {
      ...grid.properties,
      axes: {
        type: 'object',
        properties: Object.fromEntries(
          Object.entries(settings).map(([path, setting]) => [path, conditional(listOf(setting))]),
        ),
        additionalProperties: conditional({ anyOf: [rows, zipped] }),
      },
      variants: { anyOf: [rows, listOf(row)] },
      exclude: {
        type: 'array',
        items: {
          type: 'object',
          properties: { where: conditions, reason: { type: 'string', minLength: 1 } },
          required: ['where', 'reason'],
          additionalProperties: false,
        },
      },
    },
  };
}
