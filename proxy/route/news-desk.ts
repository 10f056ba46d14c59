import type { Place } from './owner-facts.ts';

/** Who waits for news of which bucket. */
export interface NewsDesk {
  listen(place: Place, listener: () => void): () => void;
  tell(place: Place): void;
  /**
   * Whether one of those that wait may go and look. Without it a thousand held requests would ask an upstream ten
   * thousand times a second; what the one finds out is news for all.
   */
  mayScout(place: Place): boolean;
}

const scoutEveryMs = 5;

export function createNewsDesk(): NewsDesk {
  /** As many as there are buckets, whose number is bounded. */
  const scoutedAt = new Map<string, number>();
  const byPlace = new Map<string, Set<() => void>>();
  return {
    mayScout(place) {
      const name = nameOf(place);
      const now = performance.now();
      if (now - (scoutedAt.get(name) ?? -Infinity) < scoutEveryMs) return false;
      scoutedAt.set(name, now);
      return true;
    },
    listen(place, listener) {
      const name = nameOf(place);
      let listeners = byPlace.get(name);
      if (listeners === undefined) byPlace.set(name, (listeners = new Set()));
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0 && byPlace.get(name) === listeners) byPlace.delete(name);
      };
    },
    tell(place) {
      // A copy: who is told may listen again at once.
      for (const listener of Array.from(byPlace.get(nameOf(place)) ?? [])) listener();
    },
  };
}

function nameOf({ migration, group, bucket }: Place): string {
  return `${migration} ${group} ${bucket}`;
}
