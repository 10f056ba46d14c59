import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from '#shared/errors/code.ts';
import type { Operation } from '../linearizable.ts';
import { createCookieJar, type SeenKeeper } from './seen.ts';

/** Keys of one client alone, and of all together. */
export interface KeySource {
  /** A key that nobody else writes, and that nobody wrote before in this generation. */
  own(): string;
  /** One of those that all clients write. */
  shared(random: number): string;
}

export interface ClientOptions {
  readonly number: number;
  /** Numbers its values, so that no two of all generations are the same. */
  readonly firstTurn: number;
  readonly urls: readonly string[];
  readonly keys: KeySource;
  /** What is there already. */
  readonly initial: ReadonlyMap<string, string>;
  readonly history: Operation[];
  readonly signal: AbortSignal;
  readonly counts: ClientCounts;
  readonly violations: string[];
}

export interface ClientCounts {
  operations: number;
  /** Without an answer: it took effect or not. */
  unknown: number;
  /** Reads of a key that the client alone writes, after its write; and those among them that a copy answered. */
  ownReads: number;
  ownReadsOfCopy: number;
  /** 503: nobody took it in time. */
  refused: number;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly isOwned: boolean;
}

export type Kind = 'read' | 'write' | 'create' | 'delete';

const methods: Readonly<Record<Kind, string>> = {
  read: 'GET',
  write: 'PUT',
  create: 'POST',
  delete: 'DELETE',
};
const kinds: readonly Kind[] = ['write', 'read', 'read', 'delete', 'read', 'create', 'read', 'write', 'read'];
const answerWithinMs = 6_000;
const pauseMs = 6;

/** What a client knows of a key that it alone writes. */
interface Own {
  readonly key: string;
  value: string | undefined;
}

/**
 * One client until the signal: it asks any proxy at any time, remembers what a browser would, and knows what it must see of
 * its own writes. An answer that does not come leaves a key of its own in doubt, so it takes a new one.
 */
export async function clientRun(options: ClientOptions): Promise<void> {
  const { number, firstTurn, urls, keys, initial, history, signal, counts, violations } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: 2 });
  const seen = createCookieJar(number % 2 === 0 ? 'cookie' : 'header');
  const freshOwn = (): Own => {
    const key = keys.own();
    return { key, value: initial.get(key) };
  };
  const owns = [freshOwn(), freshOwn()];

  async function step(turn: number): Promise<void> {
    const at = turn % (owns.length + 1);
    const own = owns[at];
    const key = own?.key ?? keys.shared(Math.random());
    const kind = kinds[(turn * 5 + number) % kinds.length] ?? 'read';
    const value =
      kind === 'write' || kind === 'create' ? `${own === undefined ? 's' : 'c'}${number}-${turn}` : undefined;
    const start = performance.now();
    const answer = await ask({ kind, key, value });
    if (answer === 'not-sent') return;
    counts.operations += 1;
    const end = performance.now();
    const base = { client: number, key, start };
    if (answer === 'unknown' || answer.status >= 500) {
      if (answer !== 'unknown' && answer.status === 503) counts.refused += 1;
      if (kind === 'read') return;
      counts.unknown += 1;
      history.push({ ...base, operation: kind, value, end: undefined });
      if (own !== undefined) owns[at] = freshOwn();
      return;
    }
    const { status, body, isOwned } = answer;
    if (kind === 'read') {
      const read = status === 404 ? undefined : body;
      if (isOwned) history.push({ ...base, operation: 'read', value: read, end });
      if (own !== undefined) checkOwnRead(own, { read, isOwned, start, end });
      return;
    }
    if (kind === 'create' && status === 409) {
      if (own !== undefined && own.value === undefined)
        violations.push(`client ${number} could not create ${key} anew: it is said to exist`);
      return;
    }
    if (status !== 200 && !(kind === 'delete' && status === 404)) {
      violations.push(`client ${number} was told ${status} for ${kind} ${key}`);
      return;
    }
    history.push({ ...base, operation: kind, value, end });
    if (own !== undefined) own.value = value;
  }

  function checkOwnRead(
    { key, value }: Own,
    { read, isOwned, start, end }: { read: string | undefined; isOwned: boolean; start: number; end: number },
  ): void {
    counts.ownReads += 1;
    if (!isOwned) counts.ownReadsOfCopy += 1;
    if (read === value) return;
    const side = isOwned ? 'the owner' : 'a copy';
    violations.push(
      `client ${number} wrote ${value} to ${key}, and read ${read} from ${side} (${start.toFixed(1)}-${end.toFixed(1)})`,
    );
  }

  async function ask(asked: {
    readonly kind: Kind;
    readonly key: string;
    readonly value: string | undefined;
  }): Promise<Answer | 'unknown' | 'not-sent'> {
    const url = urls[Math.floor(Math.random() * urls.length)] ?? '';
    try {
      return await send(`${url}/items/${asked.key}`, { ...asked, agent, seen });
    } catch (error) {
      // Nothing left this process.
      if (codeOf(error) === 'ECONNREFUSED') {
        await delay(20);
        return 'not-sent';
      }
      return 'unknown';
    }
  }

  try {
    for (let turn = firstTurn; !signal.aborted; turn += 1) {
      await step(turn);
      await delay(Math.random() * pauseMs);
    }
  } finally {
    agent.destroy();
  }
}

/** @throws where no answer comes: what it asked took effect or not */
export function send(
  url: string,
  options: {
    readonly kind: Kind;
    readonly value: string | undefined;
    readonly agent: Agent;
    readonly seen: SeenKeeper;
  },
): Promise<Answer> {
  const { kind, value, agent, seen } = options;
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = request(url, { method: methods[kind], agent, headers: seen.headers() }, (response) => {
    let body = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => (body += chunk));
    response.on('error', reject);
    response.on('end', () => {
      seen.keep(response.headersDistinct);
      resolve({
        status: response.statusCode ?? 0,
        body,
        isOwned: response.headers['x-owned'] === 'yes',
      });
    });
  });
  const tooLate = setTimeout(() => sent.destroy(new Error('no answer')), answerWithinMs);
  sent.on('error', reject);
  sent.on('close', () => {
    clearTimeout(tooLate);
    reject(new Error('the connection ended before the answer'));
  });
  sent.end(value);
  return promise;
}
