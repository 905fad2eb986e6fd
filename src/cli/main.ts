#!/usr/bin/env node
import { printFault } from './fail.js';
import { runCommandLine } from './program.js';

// A reader that stops reading (`mm1 report | head`) is no fault of ours: what is left to say is dropped.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

// A fault outside of any command's own promise (a timer, an event) is told in the same form.
process.on('uncaughtException', (error) => process.exit(printFault(error, process.stderr)));

const status = await runCommandLine(process.argv.slice(2), process.stdout, process.stderr);
// A command that did its work may still have set a status of its own: an interrupted run ends with 130.
if (status !== 0) process.exitCode = status;
