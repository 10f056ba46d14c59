import { cutoverPlan } from '#proxy/cutover/plan.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';
import { databasesOf, type PairUrls } from './applier.ts';

const same = (...names: string[]) => names.map((name) => ({ monolith: name, service: name }));

const renamed = (monolith: string, service: string) => ({ monolith, service });

/** `timestamp` in UTC on one side, `timestamptz` on the other. */
const moment = (name: string) => ({
  monolith: name,
  service: name,
  toService: `${name} at time zone 'UTC'`,
  toMonolith: `${name} at time zone 'UTC'`,
});

/** The sample's four tables, templates `monolith` and `user_service`. One group, one bucket: e-mail addresses are unique over all. */
export function samplePlan(urls: PairUrls): CutoverPlan {
  return cutoverPlan('users', {
    ...databasesOf(urls),
    groups: {
      users: {
        buckets: 1,
        datasets: {
          accounts: {
            monolith: { table: 'users', key: ['id'], partitionKey: ['id'] },
            service: { table: 'accounts', key: ['user_id'], partitionKey: ['user_id'] },
            columns: [
              renamed('id', 'user_id'),
              renamed('email', 'email'),
              renamed('full_name', 'name'),
              {
                monolith: 'is_active',
                service: 'status',
                toService: `case is_active when 1 then 'active' when 0 then 'suspended' when 2 then 'closed' end`,
                toMonolith: `case status when 'active' then 1 when 'suspended' then 0 when 'closed' then 2 end`,
              },
              {
                monolith: 'is_admin',
                service: 'role',
                toService: `case is_admin when 1 then 'admin' when 0 then 'customer' end`,
                toMonolith: `case role when 'admin' then 1 when 'customer' then 0 end`,
              },
              ...same('password_hash'),
              moment('created_at'),
              moment('updated_at'),
            ],
          },
          profiles: {
            monolith: { table: 'user_profiles', key: ['user_id'], partitionKey: ['user_id'] },
            service: { table: 'profiles', key: ['user_id'], partitionKey: ['user_id'] },
            columns: [
              ...same('user_id', 'display_name', 'bio', 'phone', 'birth_date', 'city', 'country', 'locale'),
              ...same('time_zone'),
              moment('updated_at'),
            ],
          },
          preferences: {
            monolith: {
              table: 'user_preferences',
              key: ['user_id', 'pref_key'],
              partitionKey: ['user_id'],
            },
            service: { table: 'preferences', key: ['user_id', 'key'], partitionKey: ['user_id'] },
            columns: [
              ...same('user_id'),
              renamed('pref_key', 'key'),
              renamed('pref_value', 'value'),
              moment('updated_at'),
            ],
          },
          tokens: {
            monolith: { table: 'auth_tokens', key: ['user_id', 'token_hash'], partitionKey: ['user_id'] },
            service: { table: 'tokens', key: ['user_id', 'token_hash'], partitionKey: ['user_id'] },
            columns: [
              ...same('user_id', 'token_hash'),
              {
                monolith: 'token_type',
                service: 'kind',
                toService: `case token_type when 1 then 'access' when 2 then 'refresh' end`,
                toMonolith: `case kind when 'access' then 1 when 'refresh' then 2 end`,
              },
              renamed('family', 'session_id'),
              moment('issued_at'),
              moment('expires_at'),
              moment('spent_at'),
            ],
          },
        },
      },
    },
  });
}
