import type { Config } from '#proxy/config/schema.ts';
import type { AnalysisOptions } from './compare/analysis-options.ts';

/** What the comparer is told of the configuration; it holds no address and no secret. */
export function analysisOptionsOf({ migrations, shadow }: Config): AnalysisOptions {
  return {
    migrations: Object.fromEntries(
      Object.entries(migrations).map(([name, { shadow: own }]) => [
        name,
        { compareHeaders: own.compareHeaders, rules: own.rules },
      ]),
    ),
    redact: shadow.redact,
  };
}
