import { afterAll, beforeAll, describe } from '@jest/globals';
import { authenticationTests } from './topics/authentication.ts';
import { closingTests } from './topics/closing.ts';
import { completenessTests } from './topics/completeness.ts';
import { healthTests } from './topics/health.ts';
import { introspectionTests } from './topics/introspection.ts';
import { listingTests } from './topics/listing.ts';
import { loginTests } from './topics/login.ts';
import { logoutTests } from './topics/logout.ts';
import { permissionTests } from './topics/permission.ts';
import { preferenceTests } from './topics/preferences.ts';
import { profileTests } from './topics/profiles.ts';
import { refreshTests } from './topics/refresh.ts';
import { requestFormTests } from './topics/request-form.ts';
import { signUpTests } from './topics/sign-up.ts';
import { suspensionTests } from './topics/suspension.ts';
import { userChangeTests } from './topics/user-changes.ts';
import { createWorld, type ContractSystem } from './world.ts';

export type { ContractSystem } from './world.ts';

export interface ContractSuiteOptions {
  /** What answers, for the names of the tests. */
  readonly name: string;
  readonly start: () => Promise<ContractSystem>;
}

/**
 * Registers the contract of the user domain as tests against one system. Every answer is held against
 * `docs/api/users.openapi.yaml`; the last test asserts that all that it declares has been answered. The suite makes all
 * that it needs by HTTP, so the system may hold users already, also those of an earlier run; but nobody else may sign up
 * meanwhile, or lists would change under it.
 */
export function contractSuite({ name, start }: ContractSuiteOptions): void {
  describe(`the contract of the user domain, answered by ${name}`, () => {
    const world = createWorld();
    beforeAll(async () => world.open(await start()), 60_000);
    afterAll(() => world.close());

    describe('health', () => healthTests(world));
    describe('sign-up', () => signUpTests(world));
    describe('user changes', () => userChangeTests(world));
    describe('listing', () => listingTests(world));
    describe('profiles', () => profileTests(world));
    describe('preferences', () => preferenceTests(world));
    describe('login', () => loginTests(world));
    describe('refresh', () => refreshTests(world));
    describe('introspection', () => introspectionTests(world));
    describe('logout', () => logoutTests(world));
    describe('suspended accounts', () => suspensionTests(world));
    describe('closed accounts', () => closingTests(world));
    describe('authentication', () => authenticationTests(world));
    describe('permission', () => permissionTests(world));
    describe('form of requests', () => requestFormTests(world));
    describe('completeness', () => completenessTests(world));
  });
}
