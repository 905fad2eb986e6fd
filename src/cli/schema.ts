import { Command } from 'commander';

/** `mm1 schema`: the JSON Schema of grids, for editors. */
export function schemaCommand(): Command {
  return new Command('schema')
    .description('Print the JSON Schema of grid files: editors complete and check a grid by it.')
    .action(async () => {
      const { gridJsonSchema } = await import('../config/json-schema.js');
      process.stdout.write(`${JSON.stringify(gridJsonSchema(), null, 2)}\n`);
    });
}
