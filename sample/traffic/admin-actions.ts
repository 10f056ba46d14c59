import { z } from 'zod';
import type { ActionTable } from './actions.ts';
import { page, user } from './shapes.ts';
import type { Report } from './steps.ts';
import { expectAnswer } from './verdict.ts';

const paths: Readonly<Record<Report, string>> = {
  revenue: '/reports/revenue?',
  'revenue.csv': '/reports/revenue?format=csv&',
  'top-products': '/reports/top-products?limit=10&',
  'orders-by-customer': '/reports/orders-by-customer?limit=20&',
};

/** Since yesterday: a month of three million orders a year keeps two cores busy with reports alone. */
function reportPath(report: Report): string {
  const yesterday = new Date(Date.now() - 24 * 60 * 60 * 1_000);
  return `${paths[report]}from=${yesterday.toISOString().slice(0, 10)}`;
}

const rows = z.array(z.looseObject({}));
const customers = z.array(z.looseObject({ name: z.string().min(1), email: z.string().includes('@') }));

/** What the shop's own people do: lists, and the reports whose joins the migration must not break. */
export const adminActions = {
  'list-users': {
    request: ({ accessToken, nextPage }) => ({
      method: 'GET',
      path: `/users?limit=25${nextPage === undefined ? '' : `&cursor=${encodeURIComponent(nextPage)}`}`,
      token: accessToken,
    }),
    judge: (response, shopper) =>
      expectAnswer(response, { status: 200, shape: page(user) }, ({ items, nextCursor }) => {
        shopper.nextPage = nextCursor ?? undefined;
        const inOrder = items.every((item, at) => at === 0 || item.id > (items[at - 1]?.id ?? 0));
        return items.length > 0 && inOrder ? undefined : 'the list is empty or out of order';
      }),
  },
  'read-any-account': {
    request: ({ accessToken }, { id }) => ({ method: 'GET', path: `/users/${id}`, token: accessToken }),
    judge: (response, _shopper, { id }) =>
      expectAnswer(response, { status: 200, shape: user }, (body) =>
        body.id === id ? undefined : 'this is another account',
      ),
  },
  report: {
    request: ({ accessToken }, { report }) => ({
      method: 'GET',
      path: reportPath(report),
      token: accessToken,
    }),
    judge: (response, _shopper, { report }) => {
      if (report === 'revenue.csv') {
        return expectAnswer(response, { status: 200, shape: z.string() }, (text) =>
          response.contentType.startsWith('text/csv') && text.includes('\r\n')
            ? undefined
            : 'the report is not CSV',
        );
      }
      const items = report === 'orders-by-customer' ? customers : rows;
      return expectAnswer(response, { status: 200, shape: z.looseObject({ items }) });
    },
  },
  restock: {
    request: ({ accessToken }, { id, delta }) => ({
      method: 'POST',
      path: '/inventory/adjustments',
      token: accessToken,
      body: { productId: id, delta, reason: 'delivery' },
    }),
    judge: (response, _shopper, { delta }) =>
      expectAnswer(response, { status: 201, shape: z.looseObject({ delta: z.int() }) }, (body) =>
        body.delta === delta ? undefined : 'another quantity was booked',
      ),
  },
} satisfies Partial<ActionTable>;
