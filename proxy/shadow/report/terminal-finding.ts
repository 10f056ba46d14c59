import { printable } from '#shared/errors/printable.ts';
import { maskedTarget } from './replay-command.ts';
import type { FindingReport } from './report.types.ts';
import { evidenceText, placeText, rateText, sideNames, timeText, verdictTexts, whole } from './words.ts';

/** One finding with all that helps to act on it. */
export interface FindingPage {
  readonly finding: FindingReport;
  /** Shell commands that send a sample's request to both sides; `undefined` where it can't be sent again. */
  readonly replay: string | undefined;
  /** YAML of a rule that makes it an expected one. */
  readonly rule: string;
}

export function terminalFinding({ finding, replay, rule }: FindingPage, color: boolean): string {
  const soft = (text: string): string => (color ? `\u001B[2m${text}\u001B[0m` : text);
  const strong = (text: string): string => (color ? `\u001B[1m${text}\u001B[0m` : text);
  const { id, verdict, place, path, kind, expected, pairs, pairRate } = finding;
  const names = sideNames(finding.primarySide);
  const indented = (text: string): string =>
    text
      .split('\n')
      .map((line) => `    ${printable(line)}`)
      .join('\n');
  const value = (text: string | undefined): string => indented(text ?? '(not there)');
  const samples = finding.samples.flatMap(({ at, request, primary, shadow }) => [
    '',
    `  ${soft(timeText(new Date(at).toISOString()))}  ${printable(`${request.method} ${maskedTarget(request.target)}`)}`,
    `  ${soft(names.primary)}`,
    value(primary),
    `  ${soft(names.shadow)}`,
    value(shadow),
  ]);
  return [
    `${strong(printable(`${finding.migration}/${finding.route}  ${placeText(place, path)}`))}  ${kind}  ${soft(id)}`,
    '',
    `  verdict       ${verdict}`,
    `                ${expected === undefined ? verdictTexts[verdict] : printable(expected)}`,
    `  pairs         ${whole(pairs)}, ${rateText(pairRate)}`,
    `  evidence      ${evidenceText(finding)}`,
    `  first seen    ${timeText(finding.firstSeen)} UTC`,
    `  last seen     ${timeText(finding.lastSeen)} UTC`,
    ...samples,
    '',
    strong('Send it again'),
    replay ?? '# It cannot be sent again: no sample is kept of it, or its method may change something.',
    strong('Make a rule of this'),
    rule,
  ].join('\n');
}
