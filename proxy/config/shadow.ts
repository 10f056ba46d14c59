import { z } from 'zod';
import { shadowRuleFields } from './shadow-rules.ts';

/** `migrations.*.shadow` */
export const migrationShadow = z
  .strictObject({ ...shadowRuleFields })
  .prefault({})
  .describe('How the answers of the two sides are compared while the stage compares.');
