import { expect, test } from '@jest/globals';
import { passwordCosts } from '#shared/credentials/password.ts';
import { isSettingsError, readSettings } from '#user-service/settings.ts';

const right = {
  DATABASE_URL: 'postgres://banyan:secret-password@127.0.0.1:5432/user_service',
  PORT: '3002',
  INTROSPECTION_KEY: 'a-key-of-more-than-16-characters',
};

const messageOf = (env: Readonly<Record<string, string | undefined>>): string => {
  try {
    readSettings(env);
  } catch (error) {
    if (Error.isError(error) && isSettingsError(error)) return error.message;
    throw error;
  }
  throw new Error('the settings were taken');
};

test('what is not set has its default', () => {
  expect(readSettings(right)).toEqual({
    databaseUrl: right.DATABASE_URL,
    host: '127.0.0.1',
    port: 3002,
    introspectionKey: right.INTROSPECTION_KEY,
    logLevel: 'info',
    passwordCost: passwordCosts.full,
  });
});

test('what is set counts; an empty variable is not set', () => {
  const settings = readSettings({
    ...right,
    HOST: '0.0.0.0',
    PORT: '0',
    LOG_LEVEL: 'debug',
    PASSWORD_COST: 'light',
  });
  expect(settings).toMatchObject({
    host: '0.0.0.0',
    port: 0,
    logLevel: 'debug',
    passwordCost: passwordCosts.light,
  });
  expect(readSettings({ ...right, HOST: '', LOG_LEVEL: '' })).toMatchObject({
    host: '127.0.0.1',
    logLevel: 'info',
  });
});

test('everything that is missing is named at once, with its remedy', () => {
  const message = messageOf({});
  for (const name of ['DATABASE_URL', 'PORT', 'INTROSPECTION_KEY']) {
    expect(message).toMatch(new RegExp(`^  ${name} is not set: give `, 'm'));
  }
  expect(message.split('\n')).toHaveLength(4);
});

test.each([
  ['DATABASE_URL', 'mysql://banyan:secret-password@host/database'],
  ['DATABASE_URL', 'postgres://banyan:secret-password@host'],
  ['DATABASE_URL', 'secret-password'],
  ['PORT', '65536'],
  ['PORT', '-1'],
  ['PORT', '80a'],
  ['INTROSPECTION_KEY', 'secret-password'],
  ['INTROSPECTION_KEY', 'secret-password with spaces'],
  ['LOG_LEVEL', 'secret-password'],
  ['PASSWORD_COST', 'secret-password'],
])('a wrong %s is named, and no secret with it', (name, value) => {
  const message = messageOf({ ...right, [name]: value });
  expect(message).toMatch(new RegExp(`^the environment is wrong:\\n  ${name} [^\\n]+$`));
  expect(message).not.toContain('secret-password');
});
