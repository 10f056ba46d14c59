import { Pool } from 'undici';
import type { HeaderLines, UpstreamOptions } from '#proxy/http/seam.ts';
import { codeOf } from '#shared/errors/code.ts';
import type { LegAnswer } from '../pair.types.ts';

/** One of the two systems that a replay asks. */
export interface Leg {
  /** The answer, or why there is none. Never rejects. */
  ask(request: LegRequest): Promise<LegAnswer | LegFailure>;
  close(): Promise<void>;
}

export interface LegRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: HeaderLines;
}

export interface LegFailure {
  readonly failed: 'over-size' | 'unreachable' | 'timeout' | 'broken';
}

export interface LegOptions {
  /** `http://host:port` */
  readonly url: string;
  /** For https: what its certificate is checked with. Default: the public authorities. */
  readonly tls?: UpstreamOptions['tls'] | undefined;
  readonly connections: number;
  /** Bytes of an answer; a longer one is not compared. */
  readonly maxBodyBytes: number;
  /** Milliseconds for the whole answer. */
  readonly timeoutMs: number;
}

/** Hop-by-hop and framing (RFC 9110, 7.6.1). */
const ofTheConnection: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
]);

/** Follows no redirect and repeats nothing: what a target answers first is its answer. */
export function openLeg({ url, tls, connections, maxBodyBytes, timeoutMs }: LegOptions): Leg {
  const pool = new Pool(url, { connections, pipelining: 1, connect: { timeout: timeoutMs, ...tls } });
  return {
    async ask({ method, target, headers }) {
      const startedAt = performance.now();
      try {
        const answer = await pool.request({
          method,
          path: target,
          headers: headers.flatMap(([name, value]) => [name, value]),
          signal: AbortSignal.timeout(timeoutMs),
        });
        const chunks: Buffer[] = [];
        let length = 0;
        for await (const chunk of answer.body as AsyncIterable<Buffer>) {
          length += chunk.length;
          if (length > maxBodyBytes) return { failed: 'over-size' };
          chunks.push(chunk);
        }
        return {
          status: answer.statusCode,
          headers: linesOf(answer.headers),
          body: Buffer.concat(chunks),
          durationMs: performance.now() - startedAt,
        };
      } catch (error) {
        return { failed: failureOf(error) };
      }
    },
    close: () => pool.destroy(),
  };
}

function linesOf(headers: Readonly<Record<string, string | string[] | undefined>>): HeaderLines {
  return Object.entries(headers).flatMap(([name, value]) =>
    ofTheConnection.has(name) ? [] : [value ?? []].flat().map((text) => [name.toLowerCase(), text] as const),
  );
}

const unreachable: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'EAI_AGAIN']);

function failureOf(error: unknown): LegFailure['failed'] {
  const code = codeOf(error) ?? '';
  if (unreachable.has(code)) return 'unreachable';
  const name = Error.isError(error) ? error.name : '';
  return name === 'TimeoutError' || code.includes('TIMEOUT') ? 'timeout' : 'broken';
}
