import { expect, test } from '@jest/globals';
import type { RouteReport } from '#proxy/shadow/report/report.types.ts';
import { shadowModel } from '#sample/shadow-look.ts';
import { comparedText } from '#sample/view/compared.ts';

function route(name: string, change: { different?: number; findings?: object[] }): RouteReport {
  const { different = 0, findings = [] } = change;
  const coverage = { eligible: 100, compared: 90 };
  return { route: name, coverage, different, findings } as unknown as RouteReport;
}

const finding = (verdict: string, place: string, path: string): object => ({
  route: 'item-read',
  verdict,
  place,
  path,
});

test('what the comparer is sure of is named once, whichever side answered', () => {
  const findings = [
    finding('difference', 'body', '$.a'),
    finding('difference', 'header', 'vary'),
    finding('undecided', 'body', '$.b'),
    finding('noise', 'body', '$.now'),
  ];
  const model = shadowModel({
    routes: [route('item-read', { different: 7, findings }), route('item-read', { different: 1, findings })],
  });
  expect(model).toEqual({
    eligible: 200,
    compared: 180,
    different: 8,
    differences: ['item-read $.a', 'item-read header vary'],
  });
  expect(comparedText(model, 1)).toBe('180 pairs (90 %), 8 differ: item-read $.a and 1 more');
});

test('nothing compared, nothing different and nothing sure are told apart', () => {
  expect(comparedText(undefined)).toBe('no pair of answers yet');
  expect(comparedText(shadowModel({ routes: [] }))).toBe('no pair of answers yet');
  expect(comparedText(shadowModel({ routes: [route('r', {})] }))).toBe('90 pairs (90 %), none differs');
  expect(comparedText(shadowModel({ routes: [route('r', { different: 2 })] }))).toBe(
    '90 pairs (90 %), 2 differ, not sure yet',
  );
});
