import { expect, test } from '@jest/globals';
import { notOwnerProblem } from '#shared/http/not-owner.ts';
import { notOwner } from '#shared/postgres/not-owner.ts';
import { gateDetail } from '#test/support/refusing-gate.ts';

const raised = (detail: unknown, code = 'BY001'): Error =>
  Object.assign(new Error('refused'), { code, detail });

test('the owner is read off the error itself and off what wraps it', () => {
  const found = { group: 'people', bucket: 17, owner: 'service', epoch: '43' };
  const error = raised(gateDetail('service'));
  expect(notOwner(error)).toEqual(found);
  expect(notOwner(Object.assign(new Error('wrapped'), { parent: error }))).toEqual(found);
  expect(notOwner(Object.assign(new Error('wrapped'), { original: error }))).toEqual(found);
  expect(notOwner(new Error('outer', { cause: new Error('wrapped', { cause: error }) }))).toEqual(found);
});

test('while the bucket changes hands there is no owner, and no header that names one', () => {
  expect(notOwner(raised(gateDetail('none')))?.owner).toBeUndefined();
  expect(notOwnerProblem(raised(gateDetail('none')))).toMatchObject({
    status: 421,
    code: 'not-owner',
    headers: { 'Banyan-Group': 'people', 'Banyan-Bucket': '17', 'Banyan-Epoch': '43' },
  });
  expect(notOwnerProblem(raised(gateDetail('none')))?.headers).not.toHaveProperty('Banyan-Owner');
});

test('every other error stays what it is', () => {
  const loop = new Error('a cause of itself');
  loop.cause = loop;
  const broken = gateDetail('none').replace('state=fenced', 'state=none');
  const forged = gateDetail('service').replace('people', 'people\r\nset-cookie:');
  for (const error of [
    loop,
    undefined,
    'BY001',
    raised(gateDetail('service'), '40001'),
    raised(undefined),
    raised(broken),
    raised(forged),
  ]) {
    expect(notOwner(error)).toBeUndefined();
    expect(notOwnerProblem(error)).toBeUndefined();
  }
});
