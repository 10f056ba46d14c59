import { expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const probe = fileURLToPath(new URL('time-zone-probe.ts', import.meta.url));
const hourMs = 3_600_000;

test.each(['America/New_York', 'Asia/Kolkata', 'Pacific/Auckland'])(
  'a monolith that runs in %s writes, reads and compares UTC',
  async (zone) => {
    const environment = { ...process.env, TZ: zone };
    const { stdout } = await promisify(execFile)(process.execPath, [probe], { env: environment });
    const seen = JSON.parse(stdout);
    // Some of these have another name for the same zone.
    expect(new Date(0).toLocaleString('en', { timeZone: seen.zone })).toBe(
      new Date(0).toLocaleString('en', { timeZone: zone }),
    );
    expect(seen.stored.updated).toBe(seen.user.updatedAt);
    // Far less than any zone's offset, far more than any test takes.
    expect(Math.abs(Date.now() - Date.parse(seen.user.createdAt))).toBeLessThan(hourMs / 2);
    expect(seen.profile.birthDate).toBe('1985-12-10');
    expect(seen.stored.birth).toBe('1985-12-10');
    expect(seen).toMatchObject({ activeBefore: true, activeAfter: false });
    expect(seen.createdInSkippedHour).toBe('2026-03-08T02:30:00.123Z');
    // The refresh swept what had expired, and nothing else: its own new tokens work.
    expect(seen.stored.left).toBe(0);
  },
);
