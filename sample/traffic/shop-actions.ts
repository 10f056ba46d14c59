import type { ActionTable } from './actions.ts';
import { order, page, product } from './shapes.ts';
import type { Shopper } from './shopper.ts';
import { expectAnswer, expectRefusal, isRefusal } from './verdict.ts';

const orderPath = (shopper: Shopper): string => `/orders/${shopper.order?.id ?? 0}`;

/** The domains that stay in the monolith, as a customer uses them. */
export const shopActions = {
  'list-products': {
    request: ({ accessToken }) => ({ method: 'GET', path: '/products?limit=20', token: accessToken }),
    judge: (response) =>
      expectAnswer(response, { status: 200, shape: page(product) }, ({ items }) =>
        items.length > 0 ? undefined : 'the shop is empty',
      ),
  },
  'read-product': {
    request: ({ accessToken }, { id }) => ({ method: 'GET', path: `/products/${id}`, token: accessToken }),
    judge: (response, _shopper, { id }) =>
      expectAnswer(response, { status: 200, shape: product }, (body) =>
        body.id === id ? undefined : 'this is another product',
      ),
  },
  'place-order': {
    request: ({ accessToken, mark }, { lines }) => ({
      method: 'POST',
      path: '/orders',
      token: accessToken,
      headers: { 'idempotency-key': `sample-${mark}` },
      body: { lines },
    }),
    judge: (response, shopper, { lines }) => {
      // Sold out is an answer a shop may give.
      if (isRefusal(response, 409, 'not-enough-stock'))
        return expectRefusal(response, { status: 409, code: 'not-enough-stock', leave: true });
      return expectAnswer(response, { status: 201, shape: order }, (body) => {
        shopper.order = body;
        if (body.userId !== shopper.userId) return "the order is somebody else's";
        return body.lines.length === lines.length && body.state === 'pending'
          ? undefined
          : 'the order is not what was ordered';
      });
    },
  },
  'read-order': {
    request: (shopper) => ({ method: 'GET', path: orderPath(shopper), token: shopper.accessToken }),
    judge: (response, shopper) =>
      expectAnswer(response, { status: 200, shape: order }, (body) => {
        const known = shopper.order;
        if (body.id !== known?.id || body.totalCents !== known.totalCents) return 'this is another order';
        return body.state === known.state
          ? undefined
          : `the order is ${body.state}, though it was ${known.state} before`;
      }),
  },
  'list-orders': {
    request: ({ accessToken }) => ({ method: 'GET', path: '/orders?limit=10', token: accessToken }),
    judge: (response) => expectAnswer(response, { status: 200, shape: page(order) }),
  },
  'pay-order': {
    request: (shopper, { token }) => ({
      method: 'POST',
      path: `${orderPath(shopper)}/pay`,
      token: shopper.accessToken,
      body: { method: { token } },
    }),
    judge: (response, shopper, { token }) =>
      token === 'tok_declined'
        ? expectRefusal(response, { status: 402, code: 'payment-declined' })
        : expectAnswer(response, { status: 200, shape: order }, (body) => {
            if (shopper.order !== undefined) shopper.order.state = 'paid';
            return body.state === 'paid' ? undefined : `the order is ${body.state} after it was paid`;
          }),
  },
  'cancel-order': {
    request: (shopper) => ({
      method: 'POST',
      path: `${orderPath(shopper)}/cancel`,
      token: shopper.accessToken,
    }),
    judge: (response, shopper) =>
      expectAnswer(response, { status: 200, shape: order }, (body) => {
        if (shopper.order !== undefined) shopper.order.state = 'cancelled';
        return body.state === 'cancelled' ? undefined : `the order is ${body.state} after it was cancelled`;
      }),
  },
} satisfies Partial<ActionTable>;
