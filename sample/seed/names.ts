// What people of the sample are called and where they live: for the seed and for the traffic.

export const givenNames = [
  'Ada',
  'Amara',
  'Björn',
  'Chiara',
  'Dmitri',
  'Élodie',
  'Fatima',
  'Grace',
  'Hiroshi',
  'Ingrid',
  'Joaquín',
  'Łukasz',
  'Mei',
  'Noor',
  'Oluwaseun',
  'Priya',
  'Siobhán',
  'Zoë',
] as const;

export const familyNames = [
  'Abara',
  'Bianchi',
  'Çelik',
  'Dubois',
  'Eriksen',
  'Fernández',
  'García',
  'Haddad',
  'Ivanova',
  'Kowalska',
  'Müller',
  'Nakamura',
  "O'Brien",
  'Okafor',
  'Patel',
  'Sørensen',
  'Tanaka',
  '王',
] as const;

export const places = [
  { city: 'Lisboa', country: 'PT', locale: 'pt-PT', timeZone: 'Europe/Lisbon' },
  { city: 'München', country: 'DE', locale: 'de-DE', timeZone: 'Europe/Berlin' },
  { city: 'Kraków', country: 'PL', locale: 'pl-PL', timeZone: 'Europe/Warsaw' },
  { city: '大阪', country: 'JP', locale: 'ja-JP', timeZone: 'Asia/Tokyo' },
  { city: 'Montréal', country: 'CA', locale: 'fr-CA', timeZone: 'America/Toronto' },
  { city: 'Lagos', country: 'NG', locale: 'en-NG', timeZone: 'Africa/Lagos' },
] as const;

export const wares = [
  'Lamp',
  'Kettle',
  'Chair',
  'Map of 1907',
  'Umbrella',
  'Bread knife, 20 cm',
  'Notebook "A5"',
  'Bicycle bell',
] as const;
