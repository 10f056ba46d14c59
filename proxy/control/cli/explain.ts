import { Command, InvalidArgumentError } from 'commander';
import type { Flags } from '#flags/client.ts';
import type { Stage } from '#flags/stages.ts';
import type { Config } from '#proxy/config/schema.ts';
import { canonicalTarget } from '#proxy/http/target-rules.ts';
import type { RequestHead } from '#proxy/http/seam.ts';
import { explainer, type Explained, type Reason } from '#proxy/route/decide.ts';
import { routeTable } from '#proxy/route/table.ts';
import { printable } from '#shared/errors/printable.ts';
import { openConfiguredFlags, silentLog } from '../configured-flags.ts';
import { configOf, configOption, usageError, type ConfigOption } from './config-option.ts';
import { table as columns } from './output.ts';
import { askComplete } from '../ask-complete.ts';
import type { Call } from './program.ts';

type Headers = Readonly<Record<string, string>>;

export function explainCommand({ output }: Call): Command {
  return new Command('explain')
    .description('show where a request would go with the flags as they are, and why; nothing is sent')
    .argument('<method>', 'e.g. GET')
    .argument('<target>', 'path, with or without a query, e.g. /items/17')
    .option(
      '-H, --header <name: value>',
      'a header of the request; may be given again',
      addHeader,
      Object.create(null) as Headers,
    )
    .addOption(configOption())
    .option('--json', 'print as JSON')
    .action(
      async (
        method: string,
        target: string,
        options: ConfigOption & { readonly header: Headers; readonly json?: true },
      ) => {
        const canonical = canonicalTarget(target);
        if ('refused' in canonical)
          throw usageError(`the proxy would refuse ${target} with 400: ${canonical.refused}`);
        const config = configOf(options);
        const table = routeTable(config);
        const flags = await openConfiguredFlags(config, { table, log: silentLog(), forOneLook: true });
        try {
          const how = {
            table,
            flags,
            defaultTarget: config.defaultTarget,
            forceSecret: config.force?.secret,
          };
          const head = headOf(method.toUpperCase(), canonical.target, options.header);
          const byFlags = await explainer(how)(head);
          const completion = await completionOf(config, byFlags);
          const explained =
            completion === true
              ? await explainer({ ...how, ownership: { isComplete: () => true } })(head)
              : byFlags;
          const unknown = whyUnknown(explained, flags);
          if (unknown !== undefined)
            throw new Error(`where ${method.toUpperCase()} ${target} goes cannot be told: ${unknown}`);
          const told = { ...tellable(explained), ...notesOn(explained, flags, completion) };
          output.out(options.json === true ? `${JSON.stringify(told, undefined, 2)}\n` : asText(told));
        } finally {
          await flags.close();
        }
      },
    );
}

/**
 * Why the flags of a matched request are not known here, although a proxy that has been running may know them. What this
 * process would take in their place is no answer to the question.
 */
function whyUnknown({ matched }: Explained, flags: Flags): string | undefined {
  if (matched === undefined) return undefined;
  const { state, firstProblem } = flags.status();
  if (state === 'never-loaded')
    return `no flags came from LaunchDarkly (${firstProblem}). A proxy that had them keeps the last ones; one that starts now goes by stage off`;
  const { flags: asked, kind } = matched.route;
  const counting = kind === 'read' ? [asked.migration, asked.kill] : [asked.migration];
  const standIn = flags.standIns().find(({ flag }) => counting.some((known) => known?.key === flag));
  const detail =
    standIn &&
    flags.errors().find(({ flag, code }) => flag === standIn.flag && code === standIn.code)?.detail;
  return detail && `${detail}. A proxy that has seen a good value keeps it; one that starts now goes by off`;
}

interface Notes {
  readonly notes?: readonly string[];
}

/** Whether the flags count at all; asked only where they would take a request to the monolith. */
async function completionOf(config: Config, { matched }: Explained): Promise<boolean | undefined> {
  return matched?.side === 'monolith' ? askComplete(config, matched.route.migration) : false;
}

/** What is wrong with the read flag: every proxy gives its reads to the monolith then. */
function notesOn({ matched }: Explained, flags: Flags, completion: boolean | undefined): Notes {
  const notes = flags.errors().flatMap(({ flag, detail }) => {
    return flag === matched?.route.flags.read?.key ? [`${detail}, so the monolith answers`] : [];
  });
  if (completion === undefined)
    notes.push(
      'neither a mover nor the database says whether the migration is complete; the service answers if it is',
    );
  const ignored = matched?.ignored;
  if (ignored !== undefined)
    notes.push(
      `ignored: ${[
        ...(ignored.stage === undefined ? [] : [`the flag's stage ${ignored.stage}`]),
        ...(ignored.killSwitch === true ? ['the kill switch'] : []),
        ...(ignored.force === true ? ['the forced side'] : []),
      ].join(', ')}. A proxy that no mover has told yet goes by the flag: set it to complete`,
    );
  return notes.length === 0 ? {} : { notes };
}

interface Told extends Notes {
  readonly target: string;
  readonly reason: Reason;
  readonly why: string;
  readonly route?: string;
  readonly kind?: 'read' | 'write';
  readonly migration?: string;
  readonly stage?: Stage;
  readonly killed?: boolean;
  readonly key?: string;
  readonly side?: string;
}

const reasons: Readonly<Record<Reason, string>> = {
  unmatched: 'no route takes it, so it goes to the default target',
  complete: 'the migration is complete: the service has the data, and the monolith gets no copy any more',
  'kill-switch': 'the kill switch is on: all reads go to the monolith',
  forced: 'a signed force header chooses the side',
  stage: 'the stage alone decides',
  'no-flag': 'the route names no read flag, so the monolith answers while the share decides',
  'no-key': 'the request has no key, so the monolith answers while the share decides',
  share: 'the read flag decides by the key',
  owner: 'the side that owns the data takes the writes',
  'own-write': 'the caller wrote what the copy may not have yet, so the owner answers',
};

const noKillAtComplete =
  'at complete the kill switch has no effect, since the monolith gets no copy any more';

function tellable({ decision, matched }: Explained): Told {
  const base = { target: decision.upstream, reason: decision.reason, why: reasons[decision.reason] };
  if (matched === undefined) return base;
  const { route, key, evaluation, side, ignored } = matched;
  const pastKill =
    evaluation.killed && evaluation.stage === 'complete' && route.kind === 'read' && ignored === undefined;
  return {
    ...base,
    ...(pastKill ? { why: `${base.why}: ${noKillAtComplete}` } : {}),
    route: route.name,
    kind: route.kind,
    migration: route.migration,
    stage: ignored?.stage ?? evaluation.stage,
    killed: evaluation.killed,
    ...(key === undefined ? {} : { key }),
    side,
  };
}

function asText(told: Told): string {
  const { target, why, reason: _reason, notes = [], ...rest } = told;
  return columns([
    ['goes to', target],
    ['because', why],
    ...Object.entries(rest).map(([name, value]) => [name, printable(String(value))]),
    ...notes.map((note) => ['note', note]),
  ]);
}

function headOf(method: string, target: string, headers: Headers): RequestHead {
  const path = target.split('?')[0] ?? target;
  return {
    method,
    target,
    path,
    header: (name) => headers[name],
    peer: '127.0.0.1',
    trusted: false,
    id: 'explain',
  };
}

function addHeader(text: string, headers: Headers): Headers {
  const colon = text.indexOf(':');
  if (colon < 1) throw new InvalidArgumentError('Write it as "name: value".');
  return Object.assign(Object.create(null), headers, {
    [text.slice(0, colon).trim().toLowerCase()]: text.slice(colon + 1).trim(),
  }) as Headers;
}
