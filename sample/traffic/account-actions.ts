import type { ActionTable } from './actions.ts';
import { introspection, preference, preferences, profile, session, user } from './shapes.ts';
import type { Shopper } from './shopper.ts';
import { expectAnswer, expectEmpty, expectRefusal, isRefusal, ok } from './verdict.ts';

const home = (shopper: Shopper): string => `/users/${shopper.userId ?? 0}`;

function keepSession(shopper: Shopper, body: { accessToken: string; refreshToken: string; userId: number }) {
  shopper.accessToken = body.accessToken;
  shopper.refreshToken = body.refreshToken;
  return body.userId === shopper.userId ? undefined : `the tokens are user ${body.userId}'s`;
}

/** The user domain: what moves from the monolith to the user-service while all this goes on. */
export const accountActions = {
  'sign-up': {
    request: ({ email, password }, { name }) => ({
      method: 'POST',
      path: '/users',
      body: { email, password, name },
    }),
    judge: (response, shopper, { name }) =>
      expectAnswer(response, { status: 201, shape: user }, (body) => {
        shopper.userId = body.id;
        shopper.name = name;
        return body.email === shopper.email ? undefined : 'the new account has another e-mail address';
      }),
  },
  'log-in': {
    request: ({ email, password }) => ({ method: 'POST', path: '/auth/login', body: { email, password } }),
    judge: (response, shopper) =>
      expectAnswer(response, { status: 200, shape: session }, (body) => keepSession(shopper, body)),
  },
  'log-in-mistyped': {
    request: ({ email, password }) => ({
      method: 'POST',
      path: '/auth/login',
      body: { email, password: `${password}!` },
    }),
    judge: (response) => expectRefusal(response, { status: 401, code: 'invalid-credentials' }),
  },
  'log-in-suspended': {
    request: ({ email, password }) => ({ method: 'POST', path: '/auth/login', body: { email, password } }),
    judge: (response) => expectRefusal(response, { status: 403, code: 'account-suspended' }),
  },
  refresh: {
    request: ({ refreshToken }) => ({ method: 'POST', path: '/auth/refresh', body: { refreshToken } }),
    judge: (response, shopper) =>
      expectAnswer(response, { status: 200, shape: session }, (body) => keepSession(shopper, body)),
  },
  'log-out': {
    request: ({ accessToken }) => ({ method: 'POST', path: '/auth/logout', token: accessToken }),
    judge: (response) => expectEmpty(response),
  },
  introspect: {
    request: ({ accessToken, introspectionKey }) => ({
      method: 'POST',
      path: '/auth/introspect',
      token: introspectionKey,
      body: { token: accessToken },
    }),
    judge: (response, shopper, { active }) =>
      expectAnswer(response, { status: 200, shape: introspection }, (body) => {
        if (body.active !== active) return `the token is ${body.active ? 'still' : 'not'} active`;
        return body.active && body.userId !== shopper.userId ? "the token is another user's" : undefined;
      }),
  },
  'read-account-signed-out': {
    request: (shopper) => ({ method: 'GET', path: home(shopper), token: shopper.accessToken }),
    judge: (response) => expectRefusal(response, { status: 401, code: 'not-authenticated' }),
  },
  'read-account': {
    request: (shopper) => ({ method: 'GET', path: home(shopper), token: shopper.accessToken }),
    judge: (response, shopper) =>
      expectAnswer(response, { status: 200, shape: user }, (body) => {
        if (body.id !== shopper.userId || body.email !== shopper.email)
          return `the account is ${body.id}, not the own one`;
        return shopper.name === undefined || body.name === shopper.name
          ? undefined
          : 'the own new name is not there';
      }),
  },
  rename: {
    request: (shopper, { name }) => ({
      method: 'PATCH',
      path: home(shopper),
      token: shopper.accessToken,
      body: { name },
    }),
    judge: (response, shopper, { name }) =>
      expectAnswer(response, { status: 200, shape: user }, (body) => {
        shopper.name = name;
        return body.name === name ? undefined : 'the answer has another name than was written';
      }),
  },
  'close-account': {
    request: (shopper) => ({ method: 'DELETE', path: home(shopper), token: shopper.accessToken }),
    judge: (response) => expectEmpty(response),
  },
  'read-profile': {
    request: (shopper) => ({ method: 'GET', path: `${home(shopper)}/profile`, token: shopper.accessToken }),
    judge: (response, { profile: own }) => {
      // Many have never filled one in; for the page that shows it, that is an ordinary answer.
      if (own === undefined && isRefusal(response, 404, 'profile-not-found')) return ok;
      return expectAnswer(response, { status: 200, shape: profile }, (body) => {
        const wrong = Object.entries(own ?? {}).find(([field, value]) => body[field] !== value);
        return wrong === undefined ? undefined : `the own new ${wrong[0]} is not there`;
      });
    },
  },
  'write-profile': {
    request: (shopper, { profile: body }) => ({
      method: 'PUT',
      path: `${home(shopper)}/profile`,
      token: shopper.accessToken,
      body,
    }),
    judge: (response, shopper, step) =>
      expectAnswer(response, { status: 200, shape: profile }, () => {
        shopper.profile = step.profile;
      }),
  },
  'read-preferences': {
    request: (shopper) => ({
      method: 'GET',
      path: `${home(shopper)}/preferences`,
      token: shopper.accessToken,
    }),
    judge: (response, shopper) =>
      expectAnswer(response, { status: 200, shape: preferences }, ({ items }) => {
        const wrong = [...shopper.preferences].find(([key, value]) => items[key] !== value);
        return wrong === undefined ? undefined : `the own change of preference ${wrong[0]} is not there`;
      }),
  },
  'write-preference': {
    request: (shopper, { key, value }) => ({
      method: 'PUT',
      path: `${home(shopper)}/preferences/${key}`,
      token: shopper.accessToken,
      body: { value },
    }),
    judge: (response, shopper, { key, value }) =>
      expectAnswer(response, { status: 200, shape: preference }, (body) => {
        shopper.preferences.set(key, value);
        return body.key === key && body.value === value ? undefined : 'the answer is not what was written';
      }),
  },
  'delete-preference': {
    request: (shopper, { key }) => ({
      method: 'DELETE',
      path: `${home(shopper)}/preferences/${key}`,
      token: shopper.accessToken,
    }),
    judge: (response, shopper, { key }) => {
      shopper.preferences.set(key, undefined);
      return expectEmpty(response);
    },
  },
  'read-other-account': {
    request: (shopper, { id }) => ({
      method: 'GET',
      path: `/users/${id === shopper.userId ? 1 : id}`,
      token: shopper.accessToken,
    }),
    judge: (response) => expectRefusal(response, { status: 403, code: 'not-allowed' }),
  },
} satisfies Partial<ActionTable>;
