import { z } from 'zod';
import { retention } from './retention.ts';
import { shadowMigrationFields, shadowProcessFields } from './shadow-copy.ts';
import { shadowRedact, shadowRuleFields } from './shadow-rules.ts';

/** `migrations.*.shadow` */
export const migrationShadow = z
  .strictObject({ ...shadowRuleFields, ...shadowMigrationFields })
  .prefault({})
  .describe('How the answers of the two sides are compared while the stage compares.');

/** `shadow` */
export const shadowOfProcess = z
  .strictObject({
    ...shadowProcessFields,
    redact: shadowRedact.prefault({}),
    retention: retention.default(7 * 24 * 3_600_000).describe('How long findings are kept. Default 7d.'),
  })
  .prefault({})
  .describe('Comparing the answers of both sides: bounds of one process, and what is kept.');
