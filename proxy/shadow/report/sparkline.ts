import type { RouteReport } from './report.types.ts';

const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const widest = 20;

/** One leg's latencies over the doublings of time that either leg has, so that the two lines stand under each other. */
export function sparkline(latency: RouteReport['latency'], leg: 'primary' | 'shadow'): string {
  const bounds = [latency.primary, latency.shadow]
    .flatMap(({ histogram }) => histogram.map(({ upToMs }) => upToMs))
    .toSorted((a, b) => a - b);
  const distinct = [...new Set(bounds)].slice(0, widest);
  const { histogram, count } = latency[leg];
  const most = Math.max(...histogram.map((bar) => bar.count), 1);
  if (count === 0) return '';
  return distinct
    .map((bound) => histogram.find(({ upToMs }) => upToMs === bound)?.count ?? 0)
    .map((inBar) => (inBar === 0 ? ' ' : (bars[Math.ceil((inBar / most) * bars.length) - 1] ?? '')))
    .join('');
}
