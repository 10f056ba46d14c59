import { z } from 'zod';
import { decimal, jsonObject, text } from './entry.ts';

export const accesses = ['open', 'restricted', 'sealed'] as const;
export type Access = (typeof accesses)[number];

/** A whole entry: what is missing is null. */
export const documentEntry = z.strictObject({
  title: text(500).nullable().default(null),
  keywords: z.array(text(100)).max(50).nullable().default(null),
  attributes: jsonObject.nullable().default(null),
  insuredValue: decimal({ whole: 12, places: 2 }).nullable().default(null),
  access: z.enum(accesses).nullable().default(null),
  supersededBy: text(200).nullable().default(null),
});
export type DocumentEntry = Readonly<z.output<typeof documentEntry>>;

/** Every condition that is given must hold. */
export const documentSearch = z.strictObject({
  keyword: text(100).optional(),
  text: text(100).optional(),
  access: z.enum(accesses).nullable().optional(),
  attributes: jsonObject.optional(),
});
export type DocumentSearch = Readonly<z.output<typeof documentSearch>>;

export const documentPage = z.strictObject({
  size: z.coerce.number().int().min(1).max(100).default(20),
  after: text(200).optional(),
});
export type DocumentPage = Readonly<z.output<typeof documentPage>>;

export interface ArchiveDocument extends DocumentEntry {
  readonly archive: string;
  readonly code: string;
  /** Rises by one with every change. */
  readonly revision: number;
  /** ISO 8601, UTC. */
  readonly changedAt: string;
}
