import { moveBuckets } from '#proxy/cutover/move/move.ts';
import type { MoveOptions } from '#proxy/cutover/move/move.types.ts';
import { createLog } from '#shared/telemetry/log.ts';

// A controller in a process of its own, which dies right after the step that it is told.
interface Task extends Pick<MoveOptions, 'plan' | 'to' | 'buckets' | 'checks' | 'bounds'> {
  readonly dieAfter: string;
}

const { dieAfter, ...task } = JSON.parse(process.env['MOVE_TASK'] ?? '') as Task;
await moveBuckets({
  ...task,
  group: 'things',
  by: 'the controller that dies',
  log: createLog({ name: 'move', level: 'silent' }),
  onStep({ step }) {
    if (step === dieAfter) process.kill(process.pid, 'SIGKILL');
  },
});
