import { readFile, stat } from 'node:fs/promises';
import {
  reviveFullPayload,
  type LDFeatureStoreDataStorage,
  type LDOptions,
} from '@launchdarkly/node-server-sdk';
import { codeOf } from '#shared/errors/code.ts';
import { messageOf } from '#shared/errors/message.ts';
import type { FlagDefinition } from './definitions.ts';
import { whyUnreadable } from './file-access.ts';
import { watchFile, type FileWatch } from './file-watch.ts';
import { parseFlagFile, type FlagFile } from './flag-file.ts';
import { flagFileError, flagProblem, type FlagProblem } from './problems.ts';

export interface FileSourceOptions {
  readonly path: string;
  readonly wanted: readonly FlagDefinition[];
  /** The newest file is missing or malformed for longer than a writer needs; the last good one stays in force. */
  readonly onBad: (error: Error) => void;
  /** The file is good; called for each good look at a file that is new, or was bad. */
  readonly onGood: () => void;
  /** See `watchFile`. Default 20. */
  readonly settleMs?: number | undefined;
  /** Milliseconds that a file may be broken or missing before it counts: a writer may be at work. Default 250. */
  readonly graceMs?: number | undefined;
  /** See `watchFile`. Default 2000. */
  readonly pollMs?: number | undefined;
}

type UpdateProcessor = Extract<
  NonNullable<LDOptions['updateProcessor']>,
  (...parameters: never[]) => unknown
>;

const largestFile = 16 * 1024 * 1024;

/**
 * Reads the flag file once and gives the SDK's data source that keeps following it.
 * @throws FlagFileError if the file is missing or malformed now, with everything that is wrong with it
 */
export async function openFileSource(options: FileSourceOptions): Promise<UpdateProcessor> {
  const first = await read(options.path, options.wanted, await identify(options.path));
  if ('problems' in first) {
    const { problems, code } = first;
    throw Object.assign(flagFileError(options.path, problems), code === undefined ? {} : { code });
  }
  // The SDK drives a data source by `start` and `close`; it has its data before `start` returns.
  return (_context, updates, ready) => follow(options, first, (data) => updates.init(data, ready));
}

function follow(
  options: FileSourceOptions,
  first: GoodLook,
  push: (data: LDFeatureStoreDataStorage) => void,
) {
  const { path, wanted, onBad, onGood, settleMs = 20, graceMs = 250, pollMs = 2_000 } = options;
  const versioned = versionStamp();
  let seen = first.identity;
  let inForce = first.text;
  let brokenSince: number | undefined;
  let looking = false;
  let lookAgain = false;
  let closed = false;
  let watching: FileWatch | undefined;

  const judge = (now: GoodLook | BadLook): void => {
    if ('problems' in now) {
      brokenSince ??= performance.now();
      const left = graceMs - (performance.now() - brokenSince);
      if (left > 0) {
        watching?.signIn(left);
        return;
      }
      onBad(flagFileError(path, now.problems));
    } else {
      if (now.text !== inForce) push(versioned(now.file));
      inForce = now.text;
      onGood();
    }
    seen = now.identity;
    brokenSince = undefined;
  };

  const check = async (): Promise<void> => {
    lookAgain = true;
    if (looking) return;
    looking = true;
    try {
      while (lookAgain) {
        lookAgain = false;
        const found = await identify(path);
        if (found.identity === seen) {
          brokenSince = undefined;
          continue;
        }
        const now = await read(path, wanted, found);
        if (!closed) judge(now);
      }
    } catch (error) {
      // Whatever a file holds, the flags in force stay in force.
      onBad(Error.isError(error) ? error : new Error(messageOf(error)));
    } finally {
      looking = false;
    }
  };

  const stop = (): void => {
    closed = true;
    watching?.close();
  };

  return {
    start() {
      push(versioned(first.file));
      watching = watchFile({ path, settleMs, pollMs, onSign: () => void check() });
      // What changed between the first look and the watch has given no sign.
      watching.signIn(settleMs);
    },
    stop,
    close: stop,
  };
}

interface GoodLook {
  /** Differs whenever the file was written, replaced or removed. */
  readonly identity: string;
  readonly text: string;
  readonly file: FlagFile;
}

interface BadLook {
  readonly identity: string;
  readonly problems: readonly FlagProblem[];
  /** Of the operating system, where the file cannot be read. */
  readonly code?: string;
}

interface Identity {
  readonly identity: string;
  /** Why the file cannot be read at all. */
  readonly problem?: FlagProblem;
  readonly code?: string;
}

async function identify(path: string): Promise<Identity> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    const identity = [ino, size, mtimeNs, ctimeNs].join(' ');
    if (size <= largestFile) return { identity };
    return { identity, problem: fileProblem(`is over ${largestFile / 1024 / 1024} MiB: no flag file is`) };
  } catch (error) {
    return unreadable(error);
  }
}

/** The identity is taken before the content: a write between the two gives a new one, so the next look reads again. */
async function read(
  path: string,
  wanted: readonly FlagDefinition[],
  found: Identity,
): Promise<GoodLook | BadLook> {
  const { identity, problem, ...why } = found;
  if (problem !== undefined) return { identity, problems: [problem], ...why };
  try {
    const text = await readFile(path, 'utf8');
    return { identity, text, ...parseFlagFile(text, wanted) };
  } catch (error) {
    const { problem: unread, ...gone } = unreadable(error);
    return { ...gone, problems: [unread] };
  }
}

function unreadable(error: unknown): Required<Identity> {
  const code = codeOf(error) ?? messageOf(error);
  return { identity: code, code, problem: fileProblem(whyUnreadable(error)) };
}

function fileProblem(message: string): FlagProblem {
  return flagProblem([], undefined, message);
}

/**
 * Gives every flag and segment a version that rises with each change of its content, whatever the file says: people
 * forget to, and the SDK takes an item with the old version for unchanged.
 */
function versionStamp(): (file: FlagFile) => LDFeatureStoreDataStorage {
  const known = new Map<string, { readonly version: number; readonly content: string }>();
  const stamp = <Item extends { readonly version?: number | null | undefined }>(
    kind: string,
    items: Readonly<Record<string, Item>>,
  ) =>
    Object.fromEntries(
      Object.entries(items).map(([key, item]) => {
        const content = JSON.stringify(item);
        const old = known.get(`${kind} ${key}`);
        const version =
          old?.content === content ? old.version : Math.max((old?.version ?? 0) + 1, item.version ?? 1);
        known.set(`${kind} ${key}`, { version, content });
        return [key, { ...item, version }];
      }),
    );
  return (file) => {
    // The SDK's own preparation of received data (attribute references, nulls, target lists as sets). Meant for its
    // siblings, so pinned by the exact version and by the tests that evaluate rules and segments.
    const { flags, segments } = reviveFullPayload({
      flags: stamp('flag', file.flags),
      segments: stamp('segment', file.segments),
    });
    return { features: flags, segments };
  };
}
