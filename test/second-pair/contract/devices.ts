import { z } from 'zod';
import { decimal, jsonObject, moment, text } from './entry.ts';

export const measures = ['temperature', 'humidity', 'light'] as const;
export type Measure = (typeof measures)[number];

export const deviceStates = ['active', 'parked', 'lost'] as const;
export type DeviceState = (typeof deviceStates)[number];

/** A whole entry: what is missing is null. */
export const deviceEntry = z.strictObject({
  model: text(100).nullable().default(null),
  measures: z.array(z.enum(measures)).max(3).nullable().default(null),
  calibration: jsonObject.nullable().default(null),
  offset: decimal({ whole: 3, places: 3 }).nullable().default(null),
  mounted: z.boolean().nullable().default(null),
  state: z.enum(deviceStates).nullable().default(null),
});
export type DeviceEntry = Readonly<z.output<typeof deviceEntry>>;

export interface Device extends DeviceEntry {
  readonly serial: string;
  readonly revision: number;
}

const reading = z.strictObject({
  serial: text(200),
  takenAt: moment,
  measure: z.enum(measures),
  /** null: the sensor failed. */
  value: decimal({ whole: 6, places: 4 }).nullable(),
});
export type Reading = Readonly<z.output<typeof reading>>;

export const readingBatch = z.strictObject({ readings: z.array(reading).min(1).max(100) });

/** From `since` on, before `until`. */
export const readingSpan = z.strictObject({ since: moment.optional(), until: moment.optional() });
export type ReadingSpan = Readonly<z.output<typeof readingSpan>>;

/** A reading as the contract shows it. */
export interface ShownReading {
  /** ISO 8601, UTC. */
  readonly takenAt: string;
  readonly measure: Measure;
  readonly value: string | null;
}

/** What became of one reading of a batch. */
export type ReadingStatus = 200 | 201 | 404 | 409 | 410;

/** The answer's line for one reading of a batch. */
export function batchLine(reading: Reading, status: ReadingStatus): Record<string, unknown> {
  const { serial, takenAt, measure } = reading;
  return { serial, takenAt: takenAt.toISOString(), measure, status };
}
