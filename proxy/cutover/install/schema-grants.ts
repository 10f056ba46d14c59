import { escapeIdentifier, escapeLiteral, type ClientBase } from 'pg';
import type { Roles } from './roles.ts';

/** Tables of the schema that the applier only reads: what it could forge or misdirect the gate with. */
const readOnly = [
  'schema_versions',
  'installation',
  'groups',
  'datasets',
  'buckets',
  'audit',
  'id_sequences',
  'partitions',
];

/**
 * What an application may call: it draws its ids so that they fall into a bucket that this side owns, and its statements
 * that find no row ask whether they may say so.
 */
const forAll = ['owned_buckets(text)', 'next_id(text, regclass, text[])', 'judge_unseen(smallint, text)'];

/**
 * The mover's own books are the applier's to write; the outbox and what the gate goes by are not. Nobody else has any
 * right in the schema but to those two: the triggers run with the definer's.
 */
export async function grantSchema(client: ClientBase, { definer, applier }: Roles): Promise<void> {
  const to = escapeIdentifier(applier);
  await client.query(`begin; set local role ${escapeIdentifier(definer)};
    revoke all on all functions in schema banyan from public;
    grant usage on schema banyan to public;
    grant execute on function ${forAll.map((name) => `banyan.${name}`).join(', ')} to public;
    grant select on all tables in schema banyan to ${to};
    grant execute on all functions in schema banyan to ${to};
    revoke execute on function banyan.add_change(smallint, smallint, integer, bigint, "char", text) from ${to};
    revoke execute on function banyan.add_old_key(smallint, smallint, integer, text) from ${to};
    do $do$ declare part regclass; begin
      for part in select c.oid::regclass from pg_class c
        where c.relnamespace = 'banyan'::regnamespace and c.relkind in ('r', 'p') and c.relname !~ '^outbox(_|$)'
          and c.relname <> all (array[${readOnly.map((name) => escapeLiteral(name)).join(', ')}]) loop
        execute format('grant insert, update, delete on %s to %I', part, ${escapeLiteral(applier)});
      end loop;
    end $do$;
    grant update (state, epoch, fenced_at, drained) on banyan.buckets to ${to};
    grant insert on banyan.audit to ${to};
    commit`);
}
