import { fork, type ChildProcess, type ForkOptions } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** A process of the fleet, which can be killed, stopped for a while and started again at its address. */
export interface Child {
  readonly name: string;
  send(message: object): void;
  /** As `kill -9`; then it is started again, and ready when this resolves. */
  killAndStart(): Promise<void>;
  /** Nothing of it runs for that long: then it goes on where it was. */
  stopFor(ms: number): Promise<void>;
  stopUntil(done: Promise<unknown>): Promise<void>;
  end(): Promise<void>;
}

export interface ChildOptions {
  readonly name: string;
  readonly program: string;
  readonly arguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Modules to load before. */
  readonly preload?: readonly string[];
  /** Whether a message means that it is ready. */
  readonly isReady: (message: unknown) => boolean;
  readonly onMessage?: (message: unknown) => void;
}

export async function startChild(options: ChildOptions): Promise<Child> {
  const { name, program, environment, preload = [], isReady, onMessage } = options;
  const { NODE_OPTIONS: _, ...env } = process.env;
  const forkOptions: ForkOptions = {
    env: { ...env, ...environment },
    execArgv: preload.flatMap((module) => ['--import', module]),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  };
  let up = false;
  let child: ChildProcess;
  const start = async (): Promise<void> => {
    child = fork(program, options.arguments ?? [], forkOptions);
    child.on('error', () => undefined);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    child.on('message', (message) => {
      if (isReady(message)) resolve();
      onMessage?.(message);
    });
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
    promise.catch(() => undefined);
    await promise;
    up = true;
  };
  const kill = async (): Promise<void> => {
    up = false;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  const stopUntil = async (done: Promise<unknown>): Promise<void> => {
    child.kill('SIGSTOP');
    try {
      await done;
    } finally {
      child.kill('SIGCONT');
    }
  };
  await start();
  return {
    name,
    send: (message) => {
      if (up && child.connected) child.send(message, () => undefined);
    },
    async killAndStart() {
      await kill();
      await start();
    },
    stopFor: (ms) => stopUntil(delay(ms)),
    stopUntil,
    end: kill,
  };
}
