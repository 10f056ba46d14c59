import type { Side } from '#flags/stages.ts';

/** Which id of the one side is which of the other: learned from what is seen, one to one, and bounded. */
export interface IdMap {
  /** Whether the two stand for each other. Learns the pair where neither is known, or where what is known was seen once. */
  same(monolith: string, service: string): boolean;
  /** The id on the shadow's side for the primary's; `undefined` where none is known. */
  toShadow(primary: string, shadowSide: Side): string | undefined;
}

interface Partner {
  readonly id: string;
  seen: number;
}

/** Longer ids are compared as they are: what is kept must stay small. */
const longestId = 128;

/** @param most pairs that are kept; the one not seen for longest goes first */
export function idMap(most: number): IdMap {
  const services = new Map<string, Partner>();
  const monoliths = new Map<string, string>();

  const forget = (monolith: string): void => {
    const partner = services.get(monolith);
    services.delete(monolith);
    if (partner !== undefined) monoliths.delete(partner.id);
  };
  const learn = (monolith: string, service: string): void => {
    const [oldest] = services.keys();
    if (services.size >= most && oldest !== undefined) forget(oldest);
    // Copies: an id may be a slice that would keep its whole body alive.
    const kept = [copied(monolith), copied(service)] as const;
    services.set(kept[0], { id: kept[1], seen: 1 });
    monoliths.set(kept[1], kept[0]);
  };

  return {
    same(monolith, service) {
      if (monolith.length > longestId || service.length > longestId) return monolith === service;
      const partner = services.get(monolith);
      if (partner?.id === service) {
        partner.seen += 1;
        services.delete(monolith);
        services.set(monolith, partner);
        return true;
      }
      const other = monoliths.get(service);
      const isNew = partner === undefined && other === undefined;
      const isShaky = (partner?.seen ?? 1) === 1 && (other === undefined || services.get(other)?.seen === 1);
      if (isShaky) {
        forget(monolith);
        if (other !== undefined) forget(other);
        learn(monolith, service);
      }
      return isNew;
    },
    toShadow: (primary, shadowSide) =>
      shadowSide === 'service' ? services.get(primary)?.id : monoliths.get(primary),
  };
}

function copied(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
