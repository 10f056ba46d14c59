import { cutoverPlan } from '#proxy/cutover/plan.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';
import { databasesOf, type PairUrls } from './applier.ts';

const renamed = (monolith: string, service: string) => ({ monolith, service });

/** `timestamp(3)` in UTC on one side, `timestamptz(3)` on the other. */
const moment = (monolith: string, service: string) => ({
  monolith,
  service,
  toService: `${monolith} at time zone 'UTC'`,
  toMonolith: `${service} at time zone 'UTC'`,
});

/** A fixed scale on one side; the other keeps the scale that it was given. */
const amount = (monolith: string, service: string) => ({
  monolith,
  service,
  toService: `trim_scale(${monolith})`,
});

/**
 * The second pair, templates `second_old` and `second_new`: a group of one bucket with the documents, and a group of 256
 * with the devices and their measurements, by tenant and serial.
 */
export function secondPlan(urls: PairUrls): CutoverPlan {
  return cutoverPlan('archive', {
    ...databasesOf(urls),
    groups: {
      documents: {
        buckets: 1,
        datasets: {
          documents: {
            monolith: { table: 'cards', key: ['house', 'signature'], partitionKey: ['house', 'signature'] },
            service: { table: 'documents', key: ['tenant', 'code'], partitionKey: ['tenant', 'code'] },
            columns: [
              renamed('house', 'tenant'),
              renamed('signature', 'code'),
              renamed('heading', 'title'),
              renamed('keywords', 'keywords'),
              renamed('extra', 'attributes'),
              amount('insured', 'insured_value'),
              {
                monolith: 'access',
                service: 'access',
                toService: `case access when 'O' then 'open' when 'R' then 'restricted' when 'S' then 'sealed' end`,
                toMonolith: `case access when 'open' then 'O' when 'restricted' then 'R' when 'sealed' then 'S' end`,
              },
              renamed('replaced_by', 'superseded_by'),
              renamed('rev', 'revision'),
              moment('touched', 'changed_at'),
              moment('struck_at', 'removed_at'),
            ],
          },
        },
      },
      devices: {
        buckets: 256,
        datasets: {
          devices: {
            monolith: { table: 'loggers', key: ['house', 'serial'], partitionKey: ['house', 'serial'] },
            service: { table: 'devices', key: ['tenant', 'serial'], partitionKey: ['tenant', 'serial'] },
            columns: [
              renamed('house', 'tenant'),
              renamed('serial', 'serial'),
              renamed('model', 'model'),
              renamed('channels', 'measures'),
              renamed('calibration', 'calibration'),
              amount('offset_value', 'offset_amount'),
              {
                monolith: 'mounted',
                service: 'is_mounted',
                toService: 'mounted = 1',
                toMonolith: 'is_mounted::int',
              },
              {
                monolith: 'state',
                service: 'state',
                toService: `case state::text when 'in use' then 'active' else state::text end`,
                toMonolith: `case state::text when 'active' then 'in use' else state::text end`,
              },
              renamed('rev', 'revision'),
              moment('touched', 'changed_at'),
              moment('struck_at', 'removed_at'),
            ],
          },
          measurements: {
            monolith: {
              table: 'logger_readings',
              key: ['house', 'serial', 'channel', 'taken_at'],
              partitionKey: ['house', 'serial'],
            },
            service: {
              table: 'measurements',
              key: ['tenant', 'device_serial', 'measure', 'taken_at'],
              partitionKey: ['tenant', 'device_serial'],
            },
            columns: [
              renamed('house', 'tenant'),
              renamed('serial', 'device_serial'),
              renamed('channel', 'measure'),
              moment('taken_at', 'taken_at'),
              amount('value', 'amount'),
            ],
          },
        },
      },
    },
  });
}
