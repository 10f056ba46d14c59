// Loaded before anything else (`node --import`) into a process whose clock is off by CLOCK_SHIFT_MS: all that tells the time
// of day is shifted, the monotonic clock is right, as on a machine whose clock was never set.

import { env } from 'node:process';

const shift = Number(env['CLOCK_SHIFT_MS']);
const RightDate = Date;

class ShiftedDate extends RightDate {
  constructor(...values: [] | [number | string | Date]) {
    super(values.length === 0 ? RightDate.now() + shift : values[0]);
  }
  static override now(): number {
    return RightDate.now() + shift;
  }
}

globalThis.Date = ShiftedDate as DateConstructor;
Object.defineProperty(performance, 'timeOrigin', { value: performance.timeOrigin + shift });
