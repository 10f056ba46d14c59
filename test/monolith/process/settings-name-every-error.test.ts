import { expect, test } from '@jest/globals';
import { passwordCosts } from '#shared/credentials/password.ts';
import { isSettingsError, readSettings } from '#monolith/settings.ts';

const right = {
  DATABASE_URL: 'postgres://me:secret@127.0.0.1:5432/shop',
  PORT: '0',
  INTROSPECTION_KEY: 'k'.repeat(16),
};

test('what is not said has its default', () => {
  expect(readSettings(right)).toEqual({
    databaseUrl: right.DATABASE_URL,
    host: '127.0.0.1',
    port: 0,
    introspectionKey: right.INTROSPECTION_KEY,
    authDelegation: { kind: 'local' },
    customers: { kind: 'local' },
    logLevel: 'info',
    passwordCost: passwordCosts.full,
  });
});

test('all is read', () => {
  const more = {
    HOST: '::1',
    PORT: '8080',
    LOG_LEVEL: 'silent',
    AUTH_DELEGATION: 'http://127.0.0.1:9000',
    CUSTOMERS: 'http://127.0.0.1:9001',
    PASSWORD_COST: 'light',
  };
  expect(readSettings({ ...right, ...more })).toMatchObject({
    host: '::1',
    port: 8_080,
    logLevel: 'silent',
    authDelegation: { kind: 'remote', url: 'http://127.0.0.1:9000' },
    customers: { kind: 'remote', url: 'http://127.0.0.1:9001' },
    passwordCost: passwordCosts.light,
  });
});

test('everything that is wrong is told at once, and no value with it', () => {
  const wrong = {
    DATABASE_URL: 'mysql://me:hunter2@db/shop',
    PORT: '65536',
    INTROSPECTION_KEY: 'short',
    LOG_LEVEL: 'loud',
    AUTH_DELEGATION: 'ftp://hunter2',
    CUSTOMERS: 'http://hunter2@users',
    PASSWORD_COST: 'hunter2',
  };
  const message = messageOf(() => readSettings(wrong));
  for (const name of Object.keys(wrong)) expect(message).toContain(`\n  ${name} must `);
  expect(message).not.toMatch(/hunter2|short|loud/);
});

test.each(['DATABASE_URL', 'PORT', 'INTROSPECTION_KEY'])('%s must be there, and not be empty', (name) => {
  expect(messageOf(() => readSettings({ ...right, [name]: undefined }))).toContain(name);
  expect(messageOf(() => readSettings({ ...right, [name]: '' }))).toContain(name);
});

test.each(['postgres://', 'postgres:///shop', 'postgres://127.0.0.1', 'postgres://127.0.0.1/', 'shop', ' '])(
  '%j is no database',
  (url) => {
    expect(messageOf(() => readSettings({ ...right, DATABASE_URL: url }))).toContain('DATABASE_URL');
  },
);

function messageOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (isSettingsError(error) && Error.isError(error)) return error.message;
  }
  throw new Error('no SettingsError was thrown');
}
