#!/usr/bin/env node
import { runCommand } from './control/cli/program.ts';

const code = await runCommand(process.argv.slice(2));
// A call that failed ends, also where a channel to a parent would keep the process; one that serves goes on.
if (code !== 0) process.exit(code);
