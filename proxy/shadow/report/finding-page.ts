import { replayCommand, type ReplayTarget } from './replay-command.ts';
import type { FindingReport } from './report.types.ts';
import { suggestedRule } from './suggested-rule.ts';
import type { FindingPage } from './terminal-finding.ts';

export type SideTargets = Readonly<Record<'monolith' | 'service', ReplayTarget>>;

/** @param options.targets `undefined` where the configuration has the finding's migration no more */
export function findingPage(
  finding: FindingReport,
  { targets, now }: { readonly targets: SideTargets | undefined; readonly now: number },
): FindingPage {
  const [sample] = finding.samples;
  const legs = targets && {
    primary: targets[finding.primarySide],
    shadow: targets[finding.primarySide === 'monolith' ? 'service' : 'monolith'],
  };
  return {
    finding,
    replay: sample && legs && replayCommand(sample, legs),
    rule: suggestedRule(finding, now),
  };
}
