import { setTimeout as delay } from 'node:timers/promises';
import { TestEnvironment } from 'jest-environment-node';

const watched = new Set(['TCPSocketWrap', 'TCPServerWrap', 'ProcessWrap', 'FSEventWrap', 'UDPWrap']);
const graceMs = 3_000;

/** What we need of jest-circus's events. */
interface TestEvent {
  readonly name: string;
  readonly test?: { readonly errors: readonly unknown[] };
}

/** Fails a test file that leaves a socket, listener, child process or file watcher open. */
export default class LeakCheckingEnvironment extends TestEnvironment {
  readonly #before = openResources();
  #failed = false;

  handleTestEvent({ name, test }: TestEvent): void {
    if (name === 'test_done') this.#failed ||= (test?.errors.length ?? 0) > 0;
  }

  override async teardown(): Promise<void> {
    const leaked = await this.#leaked();
    await super.teardown();
    // A failed test says more than what it could not close any more.
    if (leaked.length > 0 && !this.#failed) throw new Error(`the test file left open: ${leaked.join(', ')}`);
  }

  async #leaked(): Promise<string[]> {
    for (const deadline = Date.now() + graceMs; ; await delay(25)) {
      const leaked = [...openResources()].flatMap(([kind, count]) => {
        const more = count - (this.#before.get(kind) ?? 0);
        return more > 0 ? [`${more} ${kind}`] : [];
      });
      if (leaked.length === 0 || Date.now() > deadline) return leaked;
    }
  }
}

function openResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (watched.has(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}
