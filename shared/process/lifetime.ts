import { messageOf } from '#shared/errors/message.ts';
export interface StopOptions {
  /**
   * The parent decides when to stop and says so by SIGTERM: a Ctrl-C, which reaches the whole process group, is left to
   * it. Default false.
   */
  readonly leaveInterruptToParent?: boolean;
}

/**
 * Runs `stop` once on SIGTERM, SIGINT or the end of the parent (a closed IPC channel), then exits: 0 after a clean
 * stop, 1 if `stop` failed. A second signal exits at once with 130.
 */
export function stopOnSignal(stop: () => Promise<void>, options: StopOptions = {}): void {
  let stopping = false;
  const begin = (): void => {
    if (stopping) process.exit(130);
    stopping = true;
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`stop failed: ${messageOf(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', begin);
  process.on('SIGINT', options.leaveInterruptToParent === true ? () => undefined : begin);
  process.on('disconnect', () => {
    if (!stopping) begin();
  });
  // The parent may have died while this process was starting, before anybody listened.
  if (process.send !== undefined && !process.connected) begin();
}
