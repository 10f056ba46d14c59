import { z } from 'zod';
import { shadowMigrationFields, shadowProcessFields } from './shadow-copy.ts';
import { shadowRedact, shadowRuleFields } from './shadow-rules.ts';

/** `migrations.*.shadow` */
export const migrationShadow = z
  .strictObject({ ...shadowRuleFields, ...shadowMigrationFields })
  .prefault({})
  .describe('How the answers of the two sides are compared while the stage compares.');

/** `shadow` */
export const shadowOfProcess = z
  .strictObject({ ...shadowProcessFields, redact: shadowRedact.prefault({}) })
  .prefault({})
  .describe('Comparing the answers of both sides: bounds of one process, and what is kept.');
