import { z } from 'zod';

/** `postgres://…` with a host and a database. */
const postgresUrl = z
  .string('must be a PostgreSQL URL, e.g. postgres://banyan@127.0.0.1:5432/banyan')
  .refine((text) => {
    if (!URL.canParse(text)) return false;
    const { protocol, hostname, pathname } = new URL(text);
    return /^postgres(?:ql)?:$/.test(protocol) && hostname !== '' && pathname.length > 1;
  }, 'must be postgres://role:password@host:port/database');

/** Where Banyan keeps what it must remember over restarts, and share between processes. */
export const state = z
  .strictObject({
    url: postgresUrl
      .optional()
      .describe(
        'PostgreSQL for the schema banyan_control; write ${BANYAN_STATE_URL}. None: in memory, gone at a restart.',
      ),
  })
  .prefault({})
  .describe('Where findings of shadowing are kept. The proxy serves on when it is away.');
