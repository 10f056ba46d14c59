// The child of the supervisor's tests. Usage: node child-program.ts MODE [ARG]
import { supervise } from '#shared/process/supervisor.ts';
import { stopOnSignal } from '#shared/process/lifetime.ts';

const [mode = 'steady', argument = ''] = process.argv.slice(2);

const modes: Readonly<Record<string, () => void>> = {
  steady: () => stopOnSignal(async () => undefined),
  stubborn: () => {
    process.on('SIGTERM', () => undefined);
    setInterval(() => undefined, 1_000);
    process.on('disconnect', () => process.exit(0));
  },
  crashing: () => {
    process.stderr.write('the roof is on fire\n');
    process.exit(7);
  },
  misconfigured: () => {
    process.stderr.write('PORT must be a number\n');
    process.exit(2);
  },
  'parent-of': () => {
    const inner = supervise({ name: 'grandchild', program: import.meta.filename, args: [argument] });
    // First, so that a reader of the pipe knows the grandchild.
    process.stdout.write(`${inner.pid}\n`);
  },
};
modes[mode]?.();
// After the mode has set its handlers.
process.stdout.write('up\n');
