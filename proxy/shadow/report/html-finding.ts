import type { FindingSample } from '../delta.types.ts';
import { html, type Markup } from './markup.ts';
import { maskedTarget } from './replay-command.ts';
import type { FindingReport, Verdict } from './report.types.ts';
import {
  asSentence,
  evidenceText,
  placeText,
  rateText,
  sideNames,
  timeText,
  verdictTexts,
  whole,
} from './words.ts';

const verdictTone: Readonly<Record<Verdict, string>> = {
  difference: 'bad',
  undecided: 'warn',
  noise: 'soft',
  expected: 'soft',
};

/** One finding, folded; its samples are inside. */
export function findingDetails(finding: FindingReport): Markup {
  const { id, verdict, place, path, kind, expected, pairs, samples } = finding;
  const names = sideNames(finding.primarySide);
  return html`<details class="finding">
    <summary>
      <span class="verdict ${verdictTone[verdict]}">${verdict}</span>
      <span><code>${placeText(place, path)}</code> <span class="soft">${kind}</span></span>
      <span>${whole(pairs)}× <span class="soft">${rateText(finding.pairRate)}</span></span>
    </summary>
    <div class="inside">
      <p>${verdict === 'expected' ? html`A rule expects it: ${expected}` : verdictTexts[verdict]}</p>
      <p class="soft">
        Seen from ${timeText(finding.firstSeen)} to ${timeText(finding.lastSeen)} UTC.
        ${asSentence(evidenceText(finding))}
      </p>
      <p class="soft">
        For commands that send the request again, and for a rule: <code>banyan diff --finding ${id}</code>
      </p>
      ${samples.map((sample) => sampleDetails(sample, names))}
    </div>
  </details>`;
}

function sampleDetails(
  { at, request, primary, shadow }: FindingSample,
  names: { readonly primary: string; readonly shadow: string },
): Markup {
  const value = (text: string | undefined): Markup =>
    text === undefined ? html`<p class="soft">(not there)</p>` : html`<pre>${text}</pre>`;
  return html`<p>
      <code>${request.method} ${maskedTarget(request.target)}</code>
      <span class="soft">${timeText(new Date(at).toISOString())}</span>
    </p>
    <div class="pair">
      <div><span class="soft">${names.primary}</span>${value(primary)}</div>
      <div><span class="soft">${names.shadow}</span>${value(shadow)}</div>
    </div>`;
}
