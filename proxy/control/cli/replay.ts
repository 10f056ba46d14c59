import { Command, InvalidArgumentError, Option } from 'commander';
import type { Side } from '#flags/stages.ts';
import type { Config } from '#proxy/config/schema.ts';
import type { HeaderLines } from '#proxy/http/seam.ts';
import { routeTable } from '#proxy/route/table.ts';
import { shadowAnalysis } from '#proxy/shadow/analysis.ts';
import { analysisOptionsOf } from '#proxy/shadow/configured-analysis.ts';
import { openShadowStore } from '#proxy/shadow/report/open-store.ts';
import { harRecording } from '#proxy/shadow/replay/har-recording.ts';
import { openLeg, type LegOptions } from '#proxy/shadow/replay/leg.ts';
import { logRecording } from '#proxy/shadow/replay/log-recording.ts';
import type { Recording } from '#proxy/shadow/replay/recorded.types.ts';
import { replay, type ReplayAnalysis, type ReplayOptions } from '#proxy/shadow/replay/replay.ts';
import type { ShadowReport } from '#proxy/shadow/report/report.types.ts';
import type { ShadowStore } from '#proxy/shadow/report/store.types.ts';
import { codeOf } from '#shared/errors/code.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { targetTls } from '../target-tls.ts';
import { configOf, configOption, usageError, type ConfigOption } from './config-option.ts';
import { wholeFrom } from './part-option.ts';
import type { Call } from './program.ts';
import { progressLine, replaySummary } from './replay-progress.ts';
import {
  failOverOption,
  gateHelp,
  minComparedOption,
  notEnoughCompared,
  printReport,
} from './report-output.ts';

interface CallOptions extends ConfigOption {
  readonly against: readonly string[];
  readonly rate: number;
  readonly concurrency: number;
  readonly timeout: number;
  readonly header: HeaderLines;
  readonly sendCredentials?: true;
  readonly json?: true;
  readonly failOver?: number;
  readonly minCompared?: number;
}

/** Bytes of one answer. */
const maxBodyBytes = 1_048_576;

/**
 * `banyan replay`: compares two systems by recorded requests.
 * @param analysisOf makes what compares; default: the proxy's own comparer, by the rules of the configuration
 */
export function replayCommand(
  call: Call,
  analysisOf: (config: Config) => ReplayAnalysis = (config) =>
    shadowAnalysis(analysisOptionsOf(config), { now: Date.now() }),
): Command {
  return new Command('replay')
    .description('put recorded requests to two systems and report how their answers differ')
    .argument('<file>', 'HTTP Archive (.har), or access log in common or combined format (also .gz)')
    .addOption(
      new Option('--against <target>', 'target of the configuration, or URL; give two, the old system first')
        .argParser((text: string, others: readonly string[] | undefined) => [...(others ?? []), text])
        .makeOptionMandatory(),
    )
    .addOption(configOption())
    .addOption(
      new Option('--rate <n>', 'requests a second, to each').default(20).argParser(wholeFrom(1, 10_000)),
    )
    .addOption(new Option('--concurrency <n>', 'requests at once').default(8).argParser(wholeFrom(1, 256)))
    .addOption(new Option('--timeout <ms>', 'for an answer').default(10_000).argParser(wholeFrom(1, 600_000)))
    .addOption(
      new Option('-H, --header <name: value>', 'a header for each request; may be given again')
        .argParser(addHeader)
        .default([], 'none'),
    )
    .option('--send-credentials', 'send recorded cookies and authorization too; default: left out')
    .addOption(failOverOption())
    .addOption(minComparedOption())
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      `${gateHelp}, or nothing compared at all\n\nOnly GET, HEAD and OPTIONS are sent, and only what a route of the configuration takes.`,
    )
    .action(async (file: string, options: CallOptions) => {
      const config = configOf(options);
      call.exitCode = await run(file, { call, options, config, analysis: analysisOf(config) });
    });
}

interface Run {
  readonly call: Call;
  readonly options: CallOptions;
  readonly config: Config;
  readonly analysis: ReplayAnalysis;
}

async function run(file: string, { call, options, config, analysis }: Run): Promise<number> {
  const { output } = call;
  const [primaryName = '', shadowName = '', ...more] = options.against;
  if (shadowName === '' || more.length > 0)
    throw usageError('--against must be given twice: the system that is right, then the one to try');
  const [one, other] = [targetOf(config, primaryName), targetOf(config, shadowName)];
  const recording = open(file);
  const leg = { connections: options.concurrency, maxBodyBytes, timeoutMs: options.timeout };
  const [primary, shadow] = [openLeg({ ...one, ...leg }), openLeg({ ...other, ...leg })];
  const store = await openShadowStore({
    retention: config.shadow.retention,
    log: createLog({ name: 'banyan', level: 'silent', fd: 2 }),
  });
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.once('SIGINT', interrupt);
  const progress = progressLine(recording, output);
  try {
    const counts = await replay({
      recording,
      primary,
      shadow,
      match: matcher(config, { primaryName, primaryUrl: one.url }),
      analysis,
      rate: options.rate,
      concurrency: options.concurrency,
      added: options.header,
      sendCredentials: options.sendCredentials === true,
      signal: stop.signal,
      onDelta: (delta) => store.add(delta),
      onProgress: progress.show,
    });
    progress.clear();
    for (const line of replaySummary(counts)) output.error(`banyan: ${line}\n`);
    const code = printReport(await replayed(store), { output, options });
    if (stop.signal.aborted) return interrupted;
    return code === 0 && counts.compared === 0 ? notEnoughCompared : code;
  } finally {
    process.off('SIGINT', interrupt);
    progress.clear();
    await Promise.all([primary.close(), shadow.close(), store.close()]);
  }
}

const interrupted = 130;

/** What it says of where it is kept means a proxy. */
async function replayed(store: ShadowStore): Promise<ShadowReport> {
  const report = await store.report();
  return { ...report, store: { ...report.store, kind: 'replay' } };
}

function open(file: string): Recording {
  try {
    return file.endsWith('.har') ? harRecording(file) : logRecording(file);
  } catch (cause) {
    const code = codeOf(cause);
    if (code === undefined) throw cause;
    throw usageError(code === 'ENOENT' ? `there is no ${file}` : `${file} cannot be read (${code})`);
  }
}

function targetOf(config: Config, target: string): Pick<LegOptions, 'url' | 'tls'> {
  const known = Object.hasOwn(config.targets, target) ? config.targets[target] : undefined;
  if (known !== undefined) return { url: known.url, tls: known.tls && targetTls(known.tls) };
  if (/^https?:\/\//i.test(target) && URL.canParse(target) && new URL(target).pathname === '/')
    return { url: new URL(target).origin };
  const names = Object.keys(config.targets).join(', ');
  throw usageError(
    `--against ${target} is no target and no URL like http://127.0.0.1:4001; targets are: ${names}`,
  );
}

/** The first `--against` is the primary. It plays the service's part only where the configuration says that it does. */
function matcher(
  config: Config,
  { primaryName, primaryUrl }: { readonly primaryName: string; readonly primaryUrl: string },
): ReplayOptions['match'] {
  const table = routeTable(config);
  return (method, path) => {
    const route = table.match(method, path)?.route;
    if (route === undefined) return undefined;
    const isService =
      route.service === primaryName ||
      (route.monolith !== primaryName && config.targets[route.service]?.url === primaryUrl);
    const primarySide: Side = isService ? 'service' : 'monolith';
    return { migration: route.migration, route: route.name, primarySide };
  };
}

function addHeader(text: string, others: HeaderLines): HeaderLines {
  const match = /^([\w!#$%&'*+.^`|~-]+):\s*([\t\x20-\x7e]*)$/.exec(text);
  if (match === null) throw new InvalidArgumentError('Write it as "name: value".');
  return [...others, [(match[1] ?? '').toLowerCase(), match[2] ?? '']];
}
