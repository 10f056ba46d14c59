import { bothSides } from '../plan.ts';
import type { SidePools } from './read-facts.ts';

/**
 * Opens connections before the first fence: afterwards writes would wait for it. What can't be opened now, or breaks again,
 * is opened, or told of, by the bucket that needs it.
 * @param count to each side
 */
export async function openAhead(pools: SidePools, count: number): Promise<void> {
  const opened = async (side: (typeof bothSides)[number]): Promise<() => void> => {
    const client = await pools[side].connect();
    // Nobody listens to it while it is out, and a connection that is cut would end the process.
    client.on('error', ignore);
    return () => {
      client.off('error', ignore);
      client.release();
    };
  };
  const opening = bothSides.flatMap((side) => Array.from({ length: count }, () => opened(side)));
  for (const one of await Promise.allSettled(opening)) if (one.status === 'fulfilled') one.value();
}

function ignore(): void {}
