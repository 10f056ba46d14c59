import type { Recording } from '#proxy/shadow/replay/recorded.types.ts';
import type { ReplayCounts } from '#proxy/shadow/replay/replay.ts';
import { whole } from '#proxy/shadow/report/words.ts';
import type { Output } from './output.ts';

const everyMs = 250;
const clear = '\r\u001B[K';

/** One line on a terminal that is drawn over; nothing at all elsewhere. */
export function progressLine(
  recording: Pick<Recording, 'done'>,
  output: Output,
): { readonly show: (counts: ReplayCounts) => void; readonly clear: () => void } {
  const startedAt = performance.now();
  let drawnAt = -Infinity;
  if (!process.stderr.isTTY) return { show: () => undefined, clear: () => undefined };
  return {
    show({ sent, failed }) {
      const now = performance.now();
      if (now - drawnAt < everyMs) return;
      drawnAt = now;
      const done = recording.done();
      const seconds = etaSeconds(done, (now - startedAt) / 1_000);
      const left = seconds === undefined ? '' : `, about ${seconds} s left`;
      output.error(
        `${clear}${Math.floor(done * 100)} %, ${whole(sent)} sent, ${whole(failed)} failed${left}`,
      );
    },
    clear: () => {
      if (drawnAt !== -Infinity) output.error(clear);
    },
  };
}

/** `undefined` while it is too early to say. */
export function etaSeconds(done: number, elapsed: number): number | undefined {
  return done < 0.01 || elapsed < 1 ? undefined : Math.ceil((elapsed / done) * (1 - done));
}

/** What became of the recording, one sentence for each thing that did not go plainly. */
export function replaySummary(counts: ReplayCounts): string[] {
  const {
    sent,
    compared,
    refused,
    failed,
    unsafe,
    unmatched,
    unreadable,
    firstUnreadable,
    withoutCredentials,
  } = counts;
  const told = (count: number, text: string): string[] => (count > 0 ? [`${whole(count)} ${text}`] : []);
  return [
    `${whole(sent)} requests sent to each, ${whole(compared)} compared`,
    ...told(refused, 'answered 401 or 403 by both, so that only the refusal was compared'),
    ...told(failed, 'got no answer from one of the two, or one too large'),
    ...told(unsafe, 'left out: their methods may change something'),
    ...told(unmatched, 'left out: no route of the configuration takes them'),
    ...told(unreadable, `left out: they cannot be read; the first: ${firstUnreadable ?? ''}`),
    ...told(withoutCredentials, 'sent without their credentials; --send-credentials sends them'),
  ];
}
