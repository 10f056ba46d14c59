import { createHash } from 'node:crypto';
import { findingDetails } from './html-finding.ts';
import { style } from './html-style.ts';
import { latencyChart } from './latency-chart.ts';
import { html, trusted, type Markup } from './markup.ts';
import type { RouteReport, ShadowReport } from './report.types.ts';
import {
  asSentence,
  coverageText,
  intervalText,
  leftOutText,
  milliseconds,
  percent,
  rateText,
  sideNames,
  timeText,
  warnings,
  whole,
} from './words.ts';

const styleHash = createHash('sha256').update(style).digest('base64');

/** In one piece: the policy names the digest of what stands between the tags. */
const styleElement = trusted(`<style>${style}</style>`);

/** Nothing may be fetched, framed, sent or run: the page is text, one stylesheet and drawings. */
export const reportPolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'`;

/** One page that stands alone. Whatever comes from requests and answers is escaped by `html`. */
export function htmlReport(report: ShadowReport): string {
  const { generatedAt, since, routes } = report;
  const covers = since === undefined ? 'all that is kept' : `since ${timeText(since)} UTC`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${reportPolicy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>Shadow report ${timeText(generatedAt)}</title>
        ${styleElement}
      </head>
      <body>
        <main>
          <h1>Shadow report</h1>
          <p class="soft">${timeText(generatedAt)} UTC, ${covers}</p>
          ${warnings(report).map((warning) => html`<p class="note">${warning}</p>`)}
          ${routes.length === 0 ? undefined : overview(routes)}
          ${routes.map((route, at) => routeSection(route, at))}
        </main>
      </body>
    </html> `.markup;
}

function overview(routes: readonly RouteReport[]): Markup {
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th>Route</th>
          <th>Answered by</th>
          <th>Compared</th>
          <th class="n">Pairs</th>
          <th class="n">Different</th>
          <th>95 % interval</th>
          <th class="n">p99 primary</th>
          <th class="n">p99 shadow</th>
        </tr>
      </thead>
      <tbody>
        ${routes.map(
          (route, at) =>
            html`<tr>
              <td><a href="#route-${at}">${route.migration} / ${route.route}</a></td>
              <td>${sideNames(route.primarySide).primary}</td>
              <td>${coverageBar(route)}</td>
              <td class="n">${whole(route.coverage.compared)}</td>
              <td class="n ${tone(route)}">
                ${route.differenceRate.rate === undefined ? '–' : percent(route.differenceRate.rate)}
              </td>
              <td>${route.differenceRate.rate === undefined ? '–' : intervalText(route.differenceRate)}</td>
              <td class="n">${milliseconds(route.latency.primary.p99)}</td>
              <td class="n">${milliseconds(route.latency.shadow.p99)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function coverageBar({ coverage }: RouteReport): Markup {
  const part = coverage.part ?? 0;
  return html`<svg
    width="120"
    height="18"
    viewBox="0 0 120 18"
    role="img"
    aria-label="${percent(part)} compared"
  >
    <rect class="rest" x="0" y="5" width="60" height="8" rx="2"></rect>
    <rect class="first" x="0" y="5" width="${Math.round(part * 60)}" height="8" rx="2"></rect>
    <text x="66" y="13">${percent(part)}</text>
  </svg>`;
}

function tone({ differenceRate, coverage }: RouteReport): string {
  if (coverage.compared === 0) return 'warn';
  return (differenceRate.rate ?? 0) > 0 ? 'bad' : 'good';
}

function routeSection(route: RouteReport, at: number): Markup {
  const { coverage, same, different, explained, raced, noiseSamples, latency, findings } = route;
  const names = sideNames(route.primarySide);
  const leftOut = leftOutText(route);
  const failures = Object.entries(route.shadowFailures);
  return html`<section>
    <h2 id="route-${at}">${route.migration} / ${route.route}</h2>
    <p class="soft">
      The ${names.primary} answered, the ${names.shadow} was shadowed. ${asSentence(coverageText(coverage))}
    </p>
    <dl>
      <div>
        <dt>same</dt>
        <dd>${whole(same)}</dd>
      </div>
      <div>
        <dt>different</dt>
        <dd class="${tone(route)}">${whole(different)} <small>${rateText(route.differenceRate)}</small></dd>
      </div>
      <div>
        <dt>expected or noise</dt>
        <dd>${whole(explained + route.differentAtFirst - different)}</dd>
      </div>
      <div>
        <dt>raced a write</dt>
        <dd>${whole(raced)}</dd>
      </div>
      <div>
        <dt>noise samples</dt>
        <dd>${whole(noiseSamples)}</dd>
      </div>
    </dl>
    ${failures.length === 0 ? undefined : html`<p class="warn">The ${names.shadow} failed: ${failures.map(([code, count]) => `${code} ${whole(count)}×`).join(', ')}</p>`}
    <h3>${headingOf(route)}</h3>
    ${findings.map((finding) => findingDetails(finding))}
    ${leftOut === undefined ? undefined : html`<p class="soft">${leftOut}</p>`}
    ${latency.primary.count === 0 ? undefined : latencySection(route)}
  </section>`;
}

function headingOf({ findings, coverage }: RouteReport): string {
  if (findings.length > 0) return 'Findings';
  return coverage.compared === 0 ? 'Nothing was compared' : 'No differences were found';
}

function latencySection(route: RouteReport): Markup {
  const { latency, primarySide } = route;
  const names = sideNames(primarySide);
  return html`<h3>How long they took</h3>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th></th>
            <th class="n">p50</th>
            <th class="n">p90</th>
            <th class="n">p99</th>
            <th class="n">longest</th>
          </tr>
        </thead>
        <tbody>
          ${(['primary', 'shadow'] as const).map(
            (leg) =>
              html`<tr>
                <td>${names[leg]} <span class="soft">(${leg})</span></td>
                <td class="n">${milliseconds(latency[leg].p50)}</td>
                <td class="n">${milliseconds(latency[leg].p90)}</td>
                <td class="n">${milliseconds(latency[leg].p99)}</td>
                <td class="n">${milliseconds(latency[leg].max)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${latencyChart(route)}`;
}
