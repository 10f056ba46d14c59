import type { Method } from './load/requests.ts';

export interface BenchCase {
  readonly name: string;
  readonly method: Method;
  readonly bodyBytes: number;
  readonly connections: number;
  readonly keepAlive: boolean;
  /** Requests a second; `undefined`: as many as go. */
  readonly rate?: number;
  readonly rounds: number;
  readonly measureMs: number;
  /** Kinds and names that take part; all where it is missing. */
  readonly only?: readonly string[];
  /** Part of a core that other programs may take in a slice; one with more is measured again, a few times. */
  readonly quiet?: number;
}

/** 190 bytes is what the goals are stated for. */
const sizes = [190, 16 * 1_024, 1_024 * 1_024] as const;
const methods = ['GET', 'POST'] as const;

interface Shape {
  readonly method: Method;
  readonly bodyBytes: number;
  readonly connections: number;
  readonly keepAlive: boolean;
}

function named(shape: Shape, time: { readonly rounds: number; readonly measureMs: number }): BenchCase {
  const { method, bodyBytes, connections, keepAlive } = shape;
  const kibibytes = bodyBytes < 1_024 ? '0.2' : String(bodyBytes / 1_024);
  const name = `${method} ${kibibytes} KiB, ${connections} connections, ${keepAlive ? 'keep-alive' : 'one request each'}`;
  return { name, ...shape, ...time };
}

const goalShape: Shape = { method: 'GET', bodyBytes: 190, connections: 64, keepAlive: true };

/** The case that the goals are measured on. */
export const goalCase: BenchCase = named(goalShape, { rounds: 4, measureMs: 1_500 });

/** Goes only to those that can hold it on one core. */
export const rateCase: BenchCase = {
  name: 'GET 0.2 KiB at 15000 requests/s, 64 connections, keep-alive',
  ...goalShape,
  rate: 15_000,
  rounds: 5,
  measureMs: 1_500,
  only: ['Banyan', 'Banyan (plain)', 'nginx', 'HAProxy', '(no proxy)'],
};

/** One step away from the goal's case in each direction: some five minutes with all proxies. */
export const quickCases: readonly BenchCase[] = [
  goalCase,
  rateCase,
  ...(
    [
      { ...goalShape, method: 'POST' },
      { ...goalShape, bodyBytes: 16_384 },
      { ...goalShape, bodyBytes: 1_048_576 },
      { ...goalShape, connections: 1_024 },
      { ...goalShape, keepAlive: false },
    ] satisfies Shape[]
  ).map((shape) => named(shape, { rounds: 2, measureMs: 1_000 })),
];

/** Sizes × methods × connections × keep-alive: some forty minutes. */
export const fullCases: readonly BenchCase[] = [
  goalCase,
  rateCase,
  ...sizes
    .flatMap((bodyBytes) => methods.map((method) => ({ bodyBytes, method })))
    .flatMap((shape) => [64, 1_024].map((connections) => ({ ...shape, connections })))
    .flatMap((shape) => [true, false].map((keepAlive) => ({ ...shape, keepAlive })))
    .map((shape) => named(shape, { rounds: 3, measureMs: 1_500 }))
    .filter(({ name }) => name !== goalCase.name),
];
