import { Command, Option } from 'commander';
import { createInterface } from 'node:readline/promises';
import type { Side } from '#flags/stages.ts';
import { install, upgrade } from '#proxy/cutover/install/install.ts';
import type { InstallReport } from '#proxy/cutover/install/report.types.ts';
import { uninstall } from '#proxy/cutover/install/uninstall.ts';
import { preflight } from '#proxy/cutover/preflight/preflight.ts';
import { sideError } from '#proxy/cutover/copy/side-problem.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';
import { configOption, usageError } from '../config-option.ts';
import { exitCodes } from '../output.ts';
import type { Call } from '../program.ts';
import { chosenOf, migrationOption, type ChosenOptions } from './chosen.ts';
import { reportText } from './preflight.ts';
import { reachableInstallers } from './ready.ts';

interface InstallCommandOptions extends ChosenOptions {
  readonly side?: Side;
  readonly yes?: true;
  readonly force?: true;
}

type Act = (plan: CutoverPlan, side: Side) => Promise<InstallReport>;

export function installCommand(call: Call): Command {
  return base(
    'install',
    'put schema, roles, gate and capture into both databases; again is harmless. A busy table is waited for, never blocked',
  )
    .option('--force', 'install although the pre-flight, which runs first, finds errors')
    .action(async (options: InstallCommandOptions) => {
      if (options.force !== true && !(await isReady(call, options))) return;
      await act(call, options, (plan, side) => install(plan, side));
    });
}

/** Tells the errors of the pre-flight, if there are any; then nothing is installed. */
async function isReady(call: Call, options: InstallCommandOptions): Promise<boolean> {
  const { plan } = chosenOf(options);
  assertInstallers(plan, sidesOf(options));
  await reachableInstallers(plan, sidesOf(options));
  const report = await preflight(plan);
  const remarks = report.remarks.filter(({ severity }) => severity === 'error');
  if (remarks.length === 0) return true;
  call.output.out(
    options.json === true
      ? `${JSON.stringify({ ...report, remarks }, undefined, 2)}\n`
      : `${reportText({ ...report, remarks })}Nothing was installed. --force installs all the same.\n`,
  );
  call.exitCode = exitCodes.failed;
  return false;
}

export function upgradeCommand(call: Call): Command {
  return base('upgrade', 'bring what an older Banyan installed to this version').action(
    (options: InstallCommandOptions) => act(call, options, (plan, side) => upgrade(plan, side)),
  );
}

export function uninstallCommand(call: Call): Command {
  return base('uninstall', 'take gate, capture, roles and schema out again; tables and rows stay as they are')
    .option('-y, --yes', 'do not ask')
    .action(async (options: InstallCommandOptions) => {
      const { plan } = chosenOf(options);
      if (options.yes !== true) await confirm(call, plan, sidesOf(options));
      await act(call, options, (one, side) => uninstall(one, side));
    });
}

function base(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .addOption(configOption())
    .addOption(migrationOption())
    .addOption(new Option('--side <side>', 'only this side').choices(['monolith', 'service']))
    .option('--json', 'print what was changed as JSON');
}

function sidesOf({ side }: InstallCommandOptions): readonly Side[] {
  return side === undefined ? ['monolith', 'service'] : [side];
}

function assertInstallers(plan: CutoverPlan, sides: readonly Side[]): void {
  for (const side of sides)
    if (plan.databases[side].installUrl === undefined)
      throw usageError(
        `migrations.${plan.migration}.data.${side}.installUrl is missing: the role that owns the tables, or a superuser`,
      );
}

async function act(call: Call, options: InstallCommandOptions, change: Act): Promise<void> {
  const { plan } = chosenOf(options);
  const reports: InstallReport[] = [];
  const sides = sidesOf(options);
  assertInstallers(plan, sides);
  await reachableInstallers(plan, sides);
  for (const side of sides) {
    const report = await change(plan, side).catch((error: unknown) => {
      throw sideError(error, { plan, side, as: 'installUrl' });
    });
    reports.push(report);
    if (options.json === true) continue;
    const lines = report.changes.map((line) => `  ${line}\n`).join('');
    call.output.out(report.changes.length === 0 ? `${side}: nothing to change\n` : `${side}:\n${lines}`);
  }
  if (options.json === true)
    call.output.out(`${JSON.stringify({ migration: plan.migration, reports }, undefined, 2)}\n`);
}

async function confirm(call: Call, plan: CutoverPlan, sides: readonly Side[]): Promise<void> {
  if (!process.stdin.isTTY)
    throw usageError('uninstall asks on a terminal, and there is none here; write --yes where you mean it');
  call.output.error(
    `This takes the gate and the capture of ${plan.migration} out of the ${sides.join(' and the ')}. The copy ends, and nothing says any more who owns the data.\n`,
  );
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await lines.question(`Write the migration's name to go on: `).finally(() => lines.close());
  if (answer.trim() !== plan.migration) throw usageError('nothing was changed');
}
