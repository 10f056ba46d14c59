import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { canonicalNumber, sameNumber, withinTolerance } from '#proxy/shadow/compare/decimal.ts';

test.each([
  ['1.0', '1'],
  ['1e2', '100'],
  ['0.10', '1e-1'],
  ['-0', '0'],
  ['0e999', '0.000'],
  ['12000e-3', '12'],
  ['100000000000000000000', '1e20'],
  ['1E+400', `1${'0'.repeat(400)}`],
])('%s is %s', (a, b) => {
  expect(sameNumber(a, b)).toBe(true);
});

test.each([
  ['9007199254740993', '9007199254740992'],
  ['0.1', '0.10000000000000000001'],
  ['1e400', '1e401'],
  ['1', '-1'],
  [`1e${'9'.repeat(400)}`, `1e${'9'.repeat(401)}`],
])('%s is not %s', (a, b) => {
  expect(sameNumber(a, b)).toBe(false);
});

test('one form for each value', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat(30), (digits, zeros) => {
      const shifted = `${digits}${'0'.repeat(zeros)}e-${zeros}`;
      expect(canonicalNumber(shifted)).toBe(canonicalNumber(String(digits)));
    }),
  );
});

test.each([
  ['1.00', '1.01', { absolute: 0.01 }, true],
  ['1.00', '1.010001', { absolute: 0.01 }, false],
  ['9007199254740993', '9007199254740992', { absolute: 1 }, true],
  ['9007199254740993', '9007199254740992', { absolute: 0.5 }, false],
  ['1000', '1001', { relative: 0.001 }, true],
  ['1000', '1002', { relative: 0.001 }, false],
  ['1e-400', '2e-400', { relative: 0.5 }, true],
  ['1e-400', '2e400', { absolute: 1e300 }, false],
  ['1e9999', '1', { relative: 1 }, false],
])('%s and %s within %j: %s', (a, b, tolerance, result) => {
  expect(withinTolerance(a, b, tolerance)).toBe(result);
  expect(withinTolerance(b, a, tolerance)).toBe(result);
});
