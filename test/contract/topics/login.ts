import { expect, test } from '@jest/globals';
import { freshEmail, type World } from '#test/contract/world.ts';
import { wrongFields } from '#test/contract/wrong-fields.ts';

export function loginTests(world: World): void {
  test('the right password opens a session of its own each time', async () => {
    const person = await world.signUp();
    const answer = await world.login(person.email, person.password);
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ userId: person.id, tokenType: 'Bearer', expiresIn: 900 });
    const tokens = [
      person.accessToken,
      person.refreshToken,
      answer.json['accessToken'],
      answer.json['refreshToken'],
    ];
    expect(new Set(tokens).size).toBe(4);
  });

  test('an e-mail address is known in any case, with white space around it', async () => {
    const { email, password } = await world.signUp();
    expect((await world.login(` ${email.toUpperCase()} `, password)).status).toBe(200);
  });

  test('a password is known in every Unicode form in which it can be typed', async () => {
    const email = freshEmail();
    await world.call('POST', '/users', { json: { email, name: 'Zoë', password: 'Zo\u00eb und ﬁne' } });
    expect((await world.login(email, 'Zoe\u0308 und fine')).status).toBe(200);
  });

  test('a wrong password and an unknown e-mail address get the same answer', async () => {
    const { email } = await world.signUp();
    const wrong = await world.login(email, 'not the password');
    const unknown = await world.login(freshEmail(), 'not the password');
    expect([wrong.status, wrong.json['code']]).toEqual([401, 'invalid-credentials']);
    expect(unknown.text).toBe(wrong.text);
  });

  test.each(['plain', `closed-1@invalid`, `${'x'.repeat(240)}@contract.example`.slice(0, 254)])(
    'what nobody could have signed up with is simply not known: case %#',
    async (email) => {
      expect((await world.login(email, 'not the password')).status).toBe(401);
    },
  );

  test.each([
    [{ email: 'a@contract.example' }, 'body.password'],
    [{ password: 'correct horse' }, 'body.email'],
    [{ email: '', password: 'correct horse' }, 'body.email'],
    [{ email: 'x'.repeat(255), password: 'correct horse' }, 'body.email'],
    [{ email: 'a@contract.example', password: '' }, 'body.password'],
    [{ email: 'a@contract.example', password: 'x'.repeat(201) }, 'body.password'],
    [{ email: 'a@contract.example', password: 'a\u0000b' }, 'body.password'],
    [{ email: 'a\u0000@contract.example', password: 'correct horse' }, 'body.email'],
    [{ email: { $gt: '' }, password: 'correct horse' }, 'body.email'],
    [{ email: 'a@contract.example', password: 'correct horse', remember: true }, 'body'],
  ])('wrong fields are refused before anything is looked up: case %#', async (json, path) => {
    const refused = await world.call('POST', '/auth/login', { json });
    expect(refused.status).toBe(422);
    expect(wrongFields(refused)).toEqual([path]);
  });
}
