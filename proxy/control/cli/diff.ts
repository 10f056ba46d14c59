import { Command, InvalidArgumentError, Option } from 'commander';
import { writeFileSync } from 'node:fs';
import { htmlReport } from '#proxy/shadow/report/html-report.ts';
import { isFindingId } from '#proxy/shadow/report/finding-id.ts';
import { sinceForm, sinceOf } from '#proxy/shadow/report/since.ts';
import { terminalFinding } from '#proxy/shadow/report/terminal-finding.ts';
import type { ReportQuery } from '#proxy/shadow/report/totals.types.ts';
import { codeOf } from '#shared/errors/code.ts';
import { configOf, configOption, usageError, type ConfigOption } from './config-option.ts';
import type { Call } from './program.ts';
import {
  failOverOption,
  gateHelp,
  hasColor,
  judge,
  minComparedOption,
  printReport,
} from './report-output.ts';
import { adminSource, stateSource, type ReportSource } from './report-source.ts';

interface DiffOptions extends ConfigOption {
  readonly admin?: string;
  readonly fromState?: true;
  readonly migration?: string;
  readonly route?: string;
  readonly since?: number;
  readonly json?: true;
  readonly ndjson?: true;
  readonly html?: string;
  readonly failOver?: number;
  readonly minCompared?: number;
  readonly finding?: string;
}

const tokenVariable = 'BANYAN_ADMIN_TOKEN';

/** `banyan diff`: how the answers of the two sides differ. */
export function diffCommand(call: Call): Command {
  return new Command('diff')
    .description('report how the answers of both sides differ, from a running proxy or its state database')
    .addOption(configOption())
    .option('--admin <url>', 'admin port to ask, e.g. http://127.0.0.1:8081 (default: the configuration’s)')
    .addOption(
      new Option('--from-state', 'read the state database itself; no proxy needs to run').conflicts('admin'),
    )
    .option('--migration <name>', 'only this migration')
    .option('--route <name>', 'only this route')
    .addOption(new Option('--since <when>', `only from then on: ${sinceForm}`).argParser(sinceOption))
    .addOption(failOverOption())
    .addOption(minComparedOption())
    .option('--json', 'print as JSON')
    .addOption(
      new Option('--ndjson', 'print every finding, one JSON object a line').conflicts(['json', 'html']),
    )
    .option('--html <file>', 'write a page that stands alone, for sending to someone')
    .addOption(
      new Option('--finding <id>', 'one finding: samples, commands that send it again, and a rule for it')
        .argParser(findingOption)
        .conflicts(['ndjson', 'html', 'failOver']),
    )
    .addHelpText(
      'after',
      `${gateHelp}\n\nThe admin token is taken from ${tokenVariable}, else from the configuration.`,
    )
    .action(async (options: DiffOptions) => {
      const source = await sourceOf(options);
      try {
        call.exitCode = await show(source, { call, options });
      } finally {
        await source.close();
      }
    });
}

async function sourceOf(options: DiffOptions): Promise<ReportSource> {
  const token = process.env[tokenVariable];
  if (options.admin !== undefined) return adminSource({ url: adminUrl(options.admin), token });
  const config = configOf(options);
  if (options.fromState !== true) {
    const { host, port, tls, token: configured } = config.admin;
    if (port === 0) throw usageError('the configuration lets the admin port be any: name it with --admin');
    const scheme = tls === undefined ? 'http' : 'https';
    return adminSource({ url: `${scheme}://${reachable(host)}:${port}`, token: token ?? configured });
  }
  const { url } = config.state;
  if (url === undefined)
    throw usageError(`${options.config} has no "state: { url: … }", so nothing is kept but in the proxy`);
  return stateSource(config, url);
}

async function show(
  source: ReportSource,
  { call, options }: { readonly call: Call; readonly options: DiffOptions },
): Promise<number> {
  const { output } = call;
  const { migration, route, since } = options;
  const query: ReportQuery = { migration, route, since };
  if (options.finding !== undefined)
    return showFinding(source, { call, id: options.finding, json: options.json });
  if (options.ndjson === true) {
    for await (const text of source.ndjson(query)) output.out(text);
    return options.failOver === undefined ? 0 : judge(await source.report(query), { output, options });
  }
  const report = await source.report(query);
  if (options.html === undefined) return printReport(report, { output, options });
  write(options.html, htmlReport(report));
  if (options.json === true) return printReport(report, { output, options });
  output.error(`banyan: the report is in ${options.html}\n`);
  return judge(report, { output, options });
}

async function showFinding(
  source: ReportSource,
  { call, id, json }: { readonly call: Call; readonly id: string; readonly json: true | undefined },
): Promise<number> {
  const page = await source.finding(id);
  if (page === undefined) throw new Error(`there is no finding ${id}, or it is older than what is kept`);
  call.output.out(
    json === true ? `${JSON.stringify(page, undefined, 2)}\n` : terminalFinding(page, hasColor()),
  );
  return 0;
}

function write(file: string, text: string): void {
  try {
    // Samples are redacted, and are for those alone whom the caller sends them to all the same.
    writeFileSync(file, text, { mode: 0o600 });
  } catch (cause) {
    throw new Error(`${file} cannot be written (${codeOf(cause) ?? 'unknown'})`, { cause });
  }
}

/** An address to connect to, for one to listen on. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

function adminUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw usageError(`--admin must be a URL, e.g. http://127.0.0.1:8081, and is ${text}`);
}

function sinceOption(text: string): number {
  const since = sinceOf(text, Date.now());
  if (since !== undefined) return since;
  throw new InvalidArgumentError(`Write ${sinceForm}, in the past.`);
}

function findingOption(text: string): string {
  if (isFindingId(text)) return text;
  throw new InvalidArgumentError('Write the id as the report shows it: 16 digits and letters a-f.');
}
