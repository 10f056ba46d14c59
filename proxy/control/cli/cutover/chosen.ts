import { Option } from 'commander';
import type { Config } from '#proxy/config/schema.ts';
import { cutoverPlans } from '#proxy/cutover/plan.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';
import { moverLimits, type MoverLimits } from '#proxy/control/mover/limits.ts';
import { configOf, usageError, type ConfigOption } from '../config-option.ts';

export interface ChosenOptions extends ConfigOption {
  readonly migration?: string;
  readonly group?: readonly string[];
  readonly json?: true;
}

export function migrationOption(): Option {
  return new Option('-m, --migration <name>', 'migration; needed where several have data');
}

export function groupOption(): Option {
  return new Option('-g, --group <names...>', 'only these groups of it');
}

export interface Chosen {
  readonly config: Config;
  readonly plan: CutoverPlan;
  readonly limits: MoverLimits;
}

/** @throws UsageError that names what there is to choose from */
export function chosenOf(options: ChosenOptions): Chosen {
  const config = configOf(options);
  const plans = cutoverPlans(config);
  const names = plans.map(({ migration }) => migration);
  if (plans.length === 0)
    throw usageError(
      `no migration of ${options.config} has "data"; write a first one with: banyan cutover propose --monolith URL --service URL`,
    );
  if (options.migration === undefined && plans.length > 1)
    throw usageError(`choose one with --migration: ${names.join(', ')}`);
  const plan = plans.find(({ migration }) => migration === (options.migration ?? names[0]));
  const data = plan === undefined ? undefined : config.migrations[plan.migration]?.data;
  if (plan === undefined || data === undefined)
    throw usageError(
      `there is no migration "${options.migration}" with data; there are: ${names.join(', ')}`,
    );
  return { config, plan: withGroups(plan, options.group), limits: moverLimits(data) };
}

function withGroups(plan: CutoverPlan, wanted: readonly string[] | undefined): CutoverPlan {
  if (wanted === undefined) return plan;
  const names = plan.groups.map(({ name }) => name);
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw usageError(
      `there is no group ${unknown.join(', ')} in ${plan.migration}; there are: ${names.join(', ')}`,
    );
  return { ...plan, groups: plan.groups.filter(({ name }) => wanted.includes(name)) };
}
