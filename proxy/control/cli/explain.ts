import { Command, InvalidArgumentError } from 'commander';
import type { Stage } from '#flags/stages.ts';
import { targetRefusal } from '#proxy/http/target-rules.ts';
import type { RequestHead } from '#proxy/http/seam.ts';
import { explainer, type Explained, type Reason } from '#proxy/route/decide.ts';
import { routeTable } from '#proxy/route/table.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { openConfiguredFlags } from '../configured-flags.ts';
import { configOf, configOption, usageError, type ConfigOption } from './config-option.ts';
import { table as columns } from './output.ts';
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
        const refusal = targetRefusal(target);
        if (refusal !== undefined) throw usageError(`the proxy would refuse ${target} with 400: ${refusal}`);
        const config = configOf(options);
        const table = routeTable(config);
        const flags = await openConfiguredFlags(config, {
          table,
          log: createLog({ name: 'banyan', level: 'error', fd: 2 }),
        });
        try {
          const explain = explainer({
            table,
            flags,
            defaultTarget: config.defaultTarget,
            forceSecret: config.force?.secret,
          });
          const told = tellable(await explain(headOf(method.toUpperCase(), target, options.header)));
          output.out(options.json === true ? `${JSON.stringify(told, undefined, 2)}\n` : asText(told));
        } finally {
          await flags.close();
        }
      },
    );
}

interface Told {
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
  'kill-switch': 'the kill switch is on: all reads go to the monolith',
  forced: 'a signed force header chooses the side',
  stage: 'the stage alone decides',
  'no-flag': 'the route names no read flag, so the monolith answers while the share decides',
  'no-key': 'the request has no key, so the monolith answers while the share decides',
  share: 'the read flag decides by the key',
};

function tellable({ decision, matched }: Explained): Told {
  const base = { target: decision.upstream, reason: decision.reason, why: reasons[decision.reason] };
  if (matched === undefined) return base;
  const { route, key, evaluation, side } = matched;
  return {
    ...base,
    route: route.name,
    kind: route.kind,
    migration: route.migration,
    stage: evaluation.stage,
    killed: evaluation.killed,
    ...(key === undefined ? {} : { key }),
    side,
  };
}

function asText(told: Told): string {
  const { target, why, reason: _reason, ...rest } = told;
  return columns([
    ['goes to', target],
    ['because', why],
    ...Object.entries(rest).map(([name, value]) => [name, String(value)]),
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
