import { familyNames, givenNames, places } from '#sample/seed/names.ts';
import type { Random } from './random.ts';

const bios = [
  'Collects maps.',
  'Buys too many books; "just one more" 📚',
  'Runs, bakes, repairs bicycles.\nIn that order.',
  'Ich mag <em>nichts</em>, was blinkt.',
] as const;
const preferences = {
  theme: ['dark', 'light', 'system'],
  language: ['de', 'en', 'fr', 'ja', 'pl', 'pt'],
  'newsletter.frequency': ['daily', 'weekly', 'never'],
  'cart.layout': ['list', 'grid'],
  'search.last': ['lamp', 'naïve & 50 % off', 'кеды', '{"q":"chair"}', ''],
} as const satisfies Record<string, readonly [string, ...string[]]>;

export interface ProfileText {
  readonly displayName: string | null;
  readonly bio: string | null;
  readonly phone: string | null;
  readonly birthDate: string | null;
  readonly city: string | null;
  readonly country: string | null;
  readonly locale: string | null;
  readonly timeZone: string | null;
}

export function fullName(random: Random): string {
  return `${random.pick(givenNames)} ${random.pick(familyNames)}`;
}

export function profileText(random: Random): ProfileText {
  const place = random.chance(0.8) ? random.pick<(typeof places)[number]>(places) : undefined;
  const maybe = (text: string): string | null => (random.chance(0.8) ? text : null);
  const two = (number: number): string => String(number).padStart(2, '0');
  return {
    displayName: maybe(random.pick(givenNames)),
    bio: maybe(random.pick(bios)),
    phone: maybe(`+49 89 ${random.whole(100_000, 999_999)}`),
    birthDate: maybe(`${random.whole(1940, 2007)}-${two(random.whole(1, 12))}-${two(random.whole(1, 28))}`),
    city: place?.city ?? null,
    country: place?.country ?? null,
    locale: place?.locale ?? null,
    timeZone: place?.timeZone ?? null,
  };
}

export function preference(random: Random): { readonly key: string; readonly value: string } {
  const key = random.pick(Object.keys(preferences) as [keyof typeof preferences]);
  return { key, value: random.pick(preferences[key]) };
}
