import { expect, test } from '@jest/globals';
import { get, put, withSides, type Sides, type SidesOptions } from '#test/support/raw-http/with-sides.ts';

const versionSecret = 'a secret of some length';
/** Reads of this share go to the service while the monolith takes the writes. */
const shadow = { stage: 'shadow', read: true } as const;

async function inShadow(options: SidesOptions, test: (sides: Sides) => Promise<void>): Promise<void> {
  await withSides(options, async (sides) => {
    sides.say(shadow);
    await test(sides);
  });
}
const through = (sides: Sides, at: number): void =>
  sides.ownership.learn({ source: 'control', copied: [{ migration: 'items', to: 'service', through: at }] });
const bodyOf = async (sides: Sides, bytes: string): Promise<string> => (await sides.ask(bytes)).body;

test('a key that was written is read from the owner until the copy has passed the write', async () => {
  await inShadow({}, async (sides) => {
    expect(await bodyOf(sides, get())).toBe('service ');
    await sides.ask(put('a'));
    const written = Date.now();
    expect(await bodyOf(sides, get())).toBe('monolith ');
    expect(sides.reports.at(-1)?.decision?.reason).toBe('own-write');
    expect(await bodyOf(sides, get('/items/2'))).toBe('service ');
    through(sides, written - 60_000);
    expect(await bodyOf(sides, get())).toBe('monolith ');
    through(sides, written + 1);
    expect(await bodyOf(sides, get())).toBe('service ');
    // It only rises: an older word changes nothing.
    through(sides, written - 60_000);
    expect(await bodyOf(sides, get())).toBe('service ');
    expect(sides.ownership.status().counts.ownWriteReads).toBe(2);
  });
});

test('without a word on the copy, until the lag is past', async () => {
  let now = 1_800_000_000_000;
  await inShadow({ ownership: { lagMs: 5_000, now: () => now } }, async (sides) => {
    await sides.ask(put('a'));
    now += 5_000;
    expect(await bodyOf(sides, get())).toBe('monolith ');
    now += 1;
    expect(await bodyOf(sides, get())).toBe('service ');
  });
});

test('a write that failed on the client’s side marks nothing; one whose answer never came does', async () => {
  let answer: string | undefined = 'HTTP/1.1 422 No\r\nContent-Length: 0\r\n\r\n';
  const script: SidesOptions['script'] = ({ method }) =>
    method === 'PUT' ? (answer ?? (({ socket }) => socket.destroy())) : undefined;
  await inShadow({ script }, async (sides) => {
    await sides.ask(put('a'));
    expect(await bodyOf(sides, get())).toBe('service ');
    answer = undefined;
    expect((await sides.ask(put('a'))).status).toBe(502);
    expect(await bodyOf(sides, get())).toBe('monolith ');
  });
});

test('what had to be forgotten counts for every key', async () => {
  await inShadow({ ownership: { maxKeys: 2 } }, async (sides) => {
    for (const id of [1, 2, 3]) await sides.ask(put('a', `/items/${id}`));
    expect(await bodyOf(sides, get('/items/1'))).toBe('monolith ');
    expect(await bodyOf(sides, get('/items/9'))).toBe('monolith ');
    through(sides, Date.now() + 1);
    expect(await bodyOf(sides, get('/items/9'))).toBe('service ');
  });
});

test('the kill switch and a move back are stronger: the copy is not asked for what it lacks', async () => {
  await withSides({}, async (sides) => {
    sides.service.gate = { state: 'owner', epoch: 2 };
    sides.monolith.gate = { state: 'follower', epoch: 2 };
    sides.say({ stage: 'live' });
    await sides.ask(put('a'));
    sides.say({ stage: 'live', killed: true });
    expect(await bodyOf(sides, get())).toBe('monolith ');
    // The flag went back, the data has not yet: writes go to the owner by fact, and so do the caller's reads.
    sides.say({ stage: 'off', killed: false });
    expect(await bodyOf(sides, put('b'))).toBe('service b');
    expect(await bodyOf(sides, get())).toBe('service ');
    expect(await bodyOf(sides, get('/items/2'))).toBe('monolith ');
  });
});

test('a cookie or a header carries it to any proxy and any route of the migration', async () => {
  await inShadow({ ownership: { versionSecret } }, async (sides) => {
    const answer = await sides.ask(put('a', '/items/7'));
    const [cookie = ''] = answer.all('set-cookie');
    expect(cookie).toMatch(
      /^banyan-seen-items-monolith=[0-9a-z]+M\.[\w-]{22}; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax$/,
    );
    const [seen = ''] = answer.all('banyan-seen');
    await inShadow({ ownership: { versionSecret } }, async (elsewhere) => {
      const [pair = ''] = cookie.split(';');
      expect(await bodyOf(elsewhere, get('/items/8', `Cookie: a=b; ${pair}\r\n`))).toBe('monolith ');
      expect(await bodyOf(elsewhere, get('/items/8', `Banyan-Seen: other=x, ${seen}\r\n`))).toBe('monolith ');
      for (const forged of [
        pair.replace(/.$/, '_'),
        pair.replace('=', '=1'),
        pair.replace('M.', 'S.'),
        'banyan-seen-items-monolith=',
      ]) {
        expect(await bodyOf(elsewhere, get('/items/8', `Cookie: ${forged}\r\n`))).toBe('service ');
      }
      through(elsewhere, Date.now() + 1);
      expect(await bodyOf(elsewhere, get('/items/8', `Cookie: ${pair}\r\n`))).toBe('service ');
    });
  });
  await inShadow({ ownership: { versionSecret: 'another secret of length' } }, async (stranger) => {
    const answer = await stranger.ask(put('a'));
    const [pair = ''] = (answer.all('set-cookie')[0] ?? '').split(';');
    await inShadow({ ownership: { versionSecret } }, async (sides) => {
      expect(await bodyOf(sides, get('/items/8', `Cookie: ${pair}\r\n`))).toBe('service ');
    });
  });
});

test('without a word on owners the stage says who has all of it', async () => {
  await withSides({}, async (sides) => {
    sides.say({ stage: 'dualwrite' });
    expect(await bodyOf(sides, put('a'))).toBe('monolith a');
    sides.say({ stage: 'live' });
    expect(await bodyOf(sides, get())).toBe('service ');
  });
});

test('while nothing is copied, answers to writes carry nothing', async () => {
  await withSides({ ownership: { versionSecret } }, async (sides) => {
    const answer = await sides.ask(put('a'));
    expect([answer.all('set-cookie'), answer.all('banyan-seen')]).toEqual([[], []]);
  });
});

test('a token from a clock that is ahead counts as written now', async () => {
  const ahead = { versionSecret, now: () => Date.now() + 3_600_000 };
  await inShadow({ ownership: ahead }, async (sides) => {
    const [pair = ''] = ((await sides.ask(put('a'))).all('set-cookie')[0] ?? '').split(';');
    await inShadow({ ownership: { versionSecret } }, async (elsewhere) => {
      through(elsewhere, Date.now() + 1_000);
      expect(await bodyOf(elsewhere, get('/items/8', `Cookie: ${pair}\r\n`))).toBe('service ');
    });
  });
});
