import { html, type Markup } from './markup.ts';
import type { RouteReport } from './report.types.ts';
import { milliseconds, sideNames, whole } from './words.ts';

const barWidth = 14;
const columnWidth = 2 * barWidth + 14;
const height = 90;

/** Both legs side by side, one column for each doubling of the time. Each leg is scaled to its own sum. */
export function latencyChart({ latency, primarySide }: RouteReport): Markup | undefined {
  const legs = [latency.primary, latency.shadow];
  const bounds = [
    ...new Set(legs.flatMap(({ histogram }) => histogram.map(({ upToMs }) => upToMs))),
  ].toSorted((a, b) => a - b);
  if (bounds.length === 0) return undefined;
  const parts = legs.map(({ count, histogram }) =>
    bounds.map((bound) => {
      const inBar = histogram.find(({ upToMs }) => upToMs === bound)?.count ?? 0;
      return { count: inBar, part: count === 0 ? 0 : inBar / count };
    }),
  );
  const most = Math.max(...parts.flat().map(({ part }) => part));
  const names = sideNames(primarySide);
  const columns = bounds.map((bound, at) => {
    const bars = parts.map((leg, which) => {
      const { count, part } = leg[at] ?? { count: 0, part: 0 };
      const tall = count === 0 ? 0 : Math.max(1, Math.round((part / most) * height));
      const name = which === 0 ? names.primary : names.shadow;
      return html`<rect
        class="${which === 0 ? 'first' : 'second'}"
        x="${at * columnWidth + which * barWidth + 5}"
        y="${height - tall + 4}"
        width="${barWidth - 2}"
        height="${tall}"
        ><title>${name}: ${whole(count)} up to ${milliseconds(bound)}</title></rect
      >`;
    });
    return html`${bars}<text x="${at * columnWidth + barWidth + 4}" y="${height + 18}" text-anchor="middle"
        >${label(bound)}</text
      >`;
  });
  const width = Math.max(bounds.length * columnWidth, 60);
  return html`<svg
      width="${width}"
      height="${height + 24}"
      viewBox="0 0 ${width} ${height + 24}"
      role="img"
      aria-label="How long the two sides took, in milliseconds"
    >
      <rect class="rest" x="0" y="${height + 4}" width="${width}" height="1"></rect>
      ${columns}
    </svg>
    <p class="soft">
      <span class="key first"></span> ${names.primary} <span class="key second"></span> ${names.shadow}; up to
      so many milliseconds
    </p>`;
}

function label(bound: number): string {
  if (bound >= 1_000) return `${Number((bound / 1_000).toPrecision(2))}k`;
  return bound < 1 ? String(Number(bound.toPrecision(2))).replace(/^0/, '') : String(bound);
}
