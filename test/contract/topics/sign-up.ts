import { expect, test } from '@jest/globals';
import { statusesOf } from '#test/contract/statuses.ts';
import { freshEmail, password, type World } from '#test/contract/world.ts';
import { wrongFields } from '#test/contract/wrong-fields.ts';

const rightFields = () => ({ email: freshEmail(), name: 'Ada Lovelace', password });

export function signUpTests(world: World): void {
  const signUp = (fields: Readonly<Record<string, unknown>>) =>
    world.call('POST', '/users', { json: fields });

  test('somebody without an account becomes an active customer, at the address in Location', async () => {
    const email = freshEmail();
    const created = await signUp({ email, name: 'Ada Lovelace', password });
    expect(created.status).toBe(201);
    expect(created.json).toMatchObject({ email, name: 'Ada Lovelace', role: 'customer', status: 'active' });
    expect(created.json['createdAt']).toBe(created.json['updatedAt']);
    const { json: session } = await world.login(email, password);
    const found = await world.call('GET', String(created.headers['location']), {
      token: session['accessToken'] as string,
    });
    expect(found.json).toEqual(created.json);
  });

  test('e-mail and name lose the white space around them, and the e-mail its capitals', async () => {
    const email = freshEmail();
    const created = await signUp({ email: ` \t${email.toUpperCase()}\n`, name: '  Ada\u00a0', password });
    expect(created.json).toMatchObject({ email, name: 'Ada' });
  });

  test.each([
    ['a name in many scripts', 'Ἀδα 李雷 عائشة'],
    ['a family emoji and combining marks, as they were typed', 'Zoe\u0308 👩‍👩‍👧 \ufb01'],
    ['200 characters of two UTF-16 units each', '𝒜'.repeat(200)],
    ['one character', '李'],
    ['markup, quotes and backslashes', `<b>O'Neil</b> "x" \\ \u2028 $1 %s`],
  ])('a name is kept unchanged: %s', async (_case, name) => {
    const created = await signUp({ ...rightFields(), name });
    expect(created.json['name']).toBe(name);
  });

  test.each([
    [
      'a plus, dots and signs in the local part',
      (id: string) => `a.b+c!#$%&'*/=?^_\`{|}~-${id}@contract.example`,
    ],
    ['a local part of 64 characters', (id: string) => `${id.padEnd(64, 'x')}@contract.example`],
    [
      '254 characters',
      (id: string) => `${id}@${'d'.repeat(63)}.${'d'.repeat(63)}.${'d'.repeat(63)}.${'d'.repeat(25)}`,
    ],
  ])('an e-mail address is taken: %s', async (_case, make) => {
    const [id = ''] = freshEmail().replaceAll('-', '').split('@');
    const email = make(id);
    const created = await signUp({ ...rightFields(), email });
    expect([created.status, created.json['email']]).toEqual([201, email]);
  });

  test.each([
    'plain',
    '@contract.example',
    'a@',
    'a@b',
    'a@@contract.example',
    'a b@contract.example',
    'a@-contract.example',
    'a@contract..example',
    'a@contract.example.',
    'ä@contract.example',
    `${'x'.repeat(65)}@contract.example`,
    `a@${'d'.repeat(64)}.example`,
    `a@${'d.'.repeat(127)}example`,
    'closed-1@invalid',
    'a\u0000@contract.example',
    '',
    42,
    null,
    ['a@contract.example'],
  ])('what is no e-mail address is refused: %j', async (email) => {
    const refused = await signUp({ ...rightFields(), email });
    expect(refused.status).toBe(422);
    expect(wrongFields(refused)).toEqual(['body.email']);
  });

  test.each([
    ['empty', ''],
    ['only white space', ' \t\n'],
    ['201 characters', 'x'.repeat(201)],
    ['201 characters of two UTF-16 units each', '𝒜'.repeat(201)],
    ['a NUL', 'Ada\u0000'],
    ['half a surrogate pair', 'Ada \ud83d'],
    ['a number', 7],
  ])('a wrong name is refused: %s', async (_case, name) => {
    const refused = await signUp({ ...rightFields(), name });
    expect(refused.status).toBe(422);
    expect(wrongFields(refused)).toEqual(['body.name']);
  });

  test.each([
    ['7 characters', 'x'.repeat(7)],
    ['201 characters', 'x'.repeat(201)],
    ['a NUL', 'correct\u0000horse'],
    ['half a surrogate pair', 'correct horse \udc00'],
    ['null', null],
  ])('a wrong password is refused: %s', async (_case, wrong) => {
    const refused = await signUp({ ...rightFields(), password: wrong });
    expect(refused.status).toBe(422);
    expect(wrongFields(refused)).toEqual(['body.password']);
  });

  test.each([
    ['8 characters of two UTF-16 units each', '🔑'.repeat(8)],
    ['200 characters of two UTF-16 units each', '🔑'.repeat(200)],
    ['white space around it, which belongs to it', '  correct horse  '],
  ])('a password counts as typed: %s', async (_case, typed) => {
    const fields = { ...rightFields(), password: typed };
    expect((await signUp(fields)).status).toBe(201);
    expect((await world.login(fields.email, typed)).status).toBe(200);
    expect((await world.login(fields.email, `${typed.trim()}.`.slice(0, 200))).status).toBe(401);
  });

  test('every wrong field is named at once', async () => {
    const refused = await signUp({ email: 'plain', name: '', password: 'short' });
    expect(wrongFields(refused)).toEqual(['body.email', 'body.name', 'body.password']);
  });

  test.each(['role', 'status', 'id', 'isAdmin'])(
    'nobody signs up with a field of their own choice: %s',
    async (field) => {
      const refused = await signUp({ ...rightFields(), [field]: 'admin' });
      expect(refused.status).toBe(422);
    },
  );

  test('an e-mail address has one account, whatever its capitals', async () => {
    const fields = rightFields();
    expect((await signUp(fields)).status).toBe(201);
    const refused = await signUp({ ...fields, email: fields.email.toUpperCase() });
    expect([refused.status, refused.json['code']]).toEqual([409, 'email-taken']);
  });

  test('of five who sign up at once with one e-mail address, one gets it', async () => {
    const fields = rightFields();
    const answers = await Promise.all(Array.from({ length: 5 }, () => signUp(fields)));
    expect(statusesOf(answers)).toEqual([201, 409, 409, 409, 409]);
  });
}
