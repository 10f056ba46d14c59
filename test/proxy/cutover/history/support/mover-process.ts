import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Side } from '#flags/stages.ts';
import type { MoverStatus } from '#proxy/control/mover/mover-status.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';

export type Said = Pick<MoverStatus, 'migration' | 'phase' | 'parked' | 'lastError' | 'verification'> & {
  readonly memory: number;
};

export interface MoverProcess {
  /** What it said last of each migration; empty after a start until it says anything. */
  said(): readonly Said[];
  /** Most memory that any of its processes had, bytes. */
  peak(): number;
  kill(): Promise<void>;
  start(): void;
}

const program = fileURLToPath(new URL('mover-child.ts', import.meta.url));

export function moverProcess(
  owned: readonly { readonly plan: CutoverPlan; readonly owner: Side }[],
  { repairs }: { readonly repairs: boolean },
): MoverProcess {
  const last = new Map<string, Said>();
  let peak = 0;
  const fork = () => {
    const child = spawn(process.execPath, [program], {
      env: { ...process.env, HISTORY_PLANS: JSON.stringify(owned), HISTORY_REPAIRS: repairs ? 'yes' : 'no' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdin.on('error', () => undefined);
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = JSON.parse(line) as Said;
      last.set(said.migration, said);
      peak = Math.max(peak, said.memory);
    });
    return child;
  };
  let child = fork();
  return {
    said: () => [...last.values()],
    peak: () => peak,
    async kill() {
      const ended = once(child, 'close');
      child.kill('SIGKILL');
      await ended;
      last.clear();
    },
    start() {
      child = fork();
    },
  };
}
