const minute = 60_000;
const hour = 60 * minute;

/** How long single minutes are kept before they become hours. Milliseconds. */
export const minutesKept = 3 * hour;

export function minuteOf(at: number): number {
  return Math.floor(at / minute) * minute;
}

export function hourOf(at: number): number {
  return Math.floor(at / hour) * hour;
}

/** The slot of a time: its minute, or its hour where it is older than single minutes are kept. */
export function slotOf(at: number, now: number): number {
  return at < oldestMinute(now) ? hourOf(at) : minuteOf(at);
}

/** Slots before it become hours. A whole hour, so that no hour is half minutes. */
export function oldestMinute(now: number): number {
  return hourOf(now - minutesKept);
}
