import type { Side } from '#flags/stages.ts';
import type { ItemsWorld } from '#test/proxy/cutover/move/support/items.ts';
import type { TestDatabase } from '#test/support/database.ts';

const sides: readonly Side[] = ['monolith', 'service'];

/**
 * Notes in both databases whenever a row goes back. One client's values of one key carry a number that rises (`c3-17`), in
 * whichever database they are written; a key that several clients write (`s3-17`) has no such order.
 */
export async function watchRows(world: ItemsWorld): Promise<void> {
  for (const side of sides)
    await world.databases[side].query(`
      create table public.watched (id bigint primary key, client text, turn bigint);
      create table public.went_back (id bigint, had bigint, got bigint, at timestamptz default clock_timestamp());
      create function public.watch() returns trigger language plpgsql security definer
        set search_path = pg_catalog, pg_temp as $$
      declare
        row record := case tg_op when 'DELETE' then old else new end;
        client text := split_part(row.value, '-', 1);
        turn bigint := split_part(row.value, '-', 2)::bigint;
        known public.watched;
      begin
        select * into known from public.watched w where w.id = row.id;
        if known.client = client and client like 'c%' and (turn < known.turn or (tg_op = 'INSERT' and turn = known.turn)) then
          insert into public.went_back (id, had, got) values (row.id, known.turn, turn);
        end if;
        insert into public.watched values (row.id, client, turn)
        on conflict (id) do update set client = excluded.client, turn = excluded.turn;
        return null;
      end $$;
      create trigger watch after insert or update or delete on items for each row execute function public.watch();
      alter table items enable always trigger watch`);
}

export function wentBack(database: TestDatabase): Promise<object[]> {
  return database.query<Record<string, unknown>>('select * from public.went_back limit 10');
}
