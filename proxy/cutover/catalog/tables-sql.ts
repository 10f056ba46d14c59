// One statement each; all answer jsonb, so that no type parser stands between the catalog and us.

const notSystem = `n.nspname not in ('pg_catalog', 'information_schema', 'banyan') and n.nspname !~ '^pg_(toast|temp)'`;

export const tablesSql = `
select jsonb_build_object(
  'oid', c.oid::bigint, 'schema', n.nspname, 'name', c.relname, 'kind', c.relkind, 'persistence', c.relpersistence,
  'isPartition', c.relispartition,
  'hasChildren', exists (select from pg_inherits i join pg_class k on k.oid = i.inhrelid
    where i.inhparent = c.oid and not k.relispartition),
  'inherits', not c.relispartition and exists (select from pg_inherits i where i.inhrelid = c.oid),
  'owner', pg_get_userbyid(c.relowner), 'rowSecurity', c.relrowsecurity, 'rowSecurityForced', c.relforcerowsecurity,
  'rules', coalesce((select jsonb_agg(jsonb_build_object('name', r.rulename, 'event', r.ev_type))
    from pg_rewrite r where r.ev_class = c.oid and r.rulename <> '_RETURN'), '[]'),
  'estimatedRows', case when c.relkind = 'p'
    then coalesce((select sum(greatest(k.reltuples, 0)) from pg_partition_tree(c.oid) t join pg_class k on k.oid = t.relid), 0)
    else c.reltuples end,
  'bytes', case when c.relkind = 'p'
    then coalesce((select sum(pg_total_relation_size(t.relid)) from pg_partition_tree(c.oid) t where t.isleaf), 0)
    when c.relkind in ('r', 'm') then pg_total_relation_size(c.oid) else 0 end) as fact
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'f', 'v', 'm') and ${notSystem}
order by n.nspname, c.relname`;

export const columnsSql = `
select jsonb_build_object(
  'table', a.attrelid::bigint, 'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
  'baseType', case when t.typtype = 'd' then format_type(t.typbasetype, t.typtypmod)
    else format_type(a.atttypid, a.atttypmod) end,
  'category', coalesce(b.typcategory, t.typcategory),
  'extension', (select e.extname from pg_depend d join pg_extension e on e.oid = d.refobjid
    where d.classid = 'pg_type'::regclass and d.deptype = 'e' and d.refclassid = 'pg_extension'::regclass
      and d.objid in (t.oid, t.typelem, t.typbasetype) limit 1),
  'labels', coalesce((select jsonb_agg(l.enumlabel order by l.enumsortorder) from pg_enum l
    where l.enumtypid in (t.oid, t.typelem, t.typbasetype)), '[]'),
  'notNull', a.attnotnull or coalesce(t.typnotnull, false), 'defaultSql', pg_get_expr(d.adbin, d.adrelid),
  'generated', a.attgenerated, 'identity', a.attidentity,
  'sequence', (select s.objid::regclass::text from pg_depend s join pg_class q on q.oid = s.objid and q.relkind = 'S'
    where s.classid = 'pg_class'::regclass and s.refclassid = 'pg_class'::regclass
      and s.refobjid = a.attrelid and s.refobjsubid = a.attnum and s.deptype in ('a', 'i') limit 1),
  'collation', case when a.attcollation <> 0 then
    (select quote_ident(o.collname) from pg_collation o where o.oid = a.attcollation) end,
  'deterministicCollation', coalesce(
    (select o.collisdeterministic from pg_collation o where o.oid = a.attcollation), true)) as fact
from pg_attribute a
join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
join pg_type t on t.oid = a.atttypid left join pg_type b on b.oid = t.typbasetype
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'f', 'v', 'm') and ${notSystem}
order by a.attrelid, a.attnum`;

export const uniquesSql = `
select jsonb_build_object(
  'table', i.indrelid::bigint, 'name', x.relname,
  'columns', (select jsonb_agg(coalesce(a.attname, '') order by k.place)
    from unnest(i.indkey::int2[]) with ordinality as k(number, place)
    left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number and k.number <> 0
    where k.place <= i.indnkeyatts),
  'isPrimary', i.indisprimary, 'isPartial', i.indpred is not null, 'hasExpression', i.indexprs is not null,
  'isValid', i.indisvalid, 'deferrable', not i.indimmediate, 'isExclusion', i.indisexclusion) as fact
from pg_index i join pg_class x on x.oid = i.indexrelid
join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
where (i.indisunique or i.indisexclusion) and ${notSystem}
order by i.indrelid, x.relname`;

export const checksSql = `
select jsonb_build_object(
  'table', o.conrelid::bigint, 'name', o.conname, 'sql', pg_get_expr(o.conbin, o.conrelid),
  'columns', coalesce((select jsonb_agg(a.attname) from pg_attribute a
    where a.attrelid = o.conrelid and a.attnum = any (o.conkey)), '[]')) as fact
from pg_constraint o
join pg_class c on c.oid = o.conrelid join pg_namespace n on n.oid = c.relnamespace
where o.contype = 'c' and ${notSystem}
order by o.conrelid, o.conname`;

export const triggersSql = `
select jsonb_build_object(
  'table', g.tgrelid::bigint, 'name', g.tgname, 'function', g.tgfoid::regproc::text,
  'forEachRow', (g.tgtype & 1) = 1, 'before', (g.tgtype & 2) = 2, 'enabled', g.tgenabled) as fact
from pg_trigger g
join pg_proc p on p.oid = g.tgfoid join pg_namespace f on f.oid = p.pronamespace
join pg_class c on c.oid = g.tgrelid join pg_namespace n on n.oid = c.relnamespace
where not g.tgisinternal and f.nspname <> 'banyan' and ${notSystem}
order by g.tgrelid, g.tgname`;

export const foreignKeysSql = `
select jsonb_build_object(
  'table', o.conrelid::bigint, 'name', o.conname,
  'fromSchema', n.nspname, 'fromTable', c.relname, 'toSchema', m.nspname, 'toTable', k.relname,
  'fromColumns', (select jsonb_agg(a.attname order by u.place) from unnest(o.conkey) with ordinality as u(number, place)
    join pg_attribute a on a.attrelid = o.conrelid and a.attnum = u.number),
  'toColumns', (select jsonb_agg(a.attname order by u.place) from unnest(o.confkey) with ordinality as u(number, place)
    join pg_attribute a on a.attrelid = o.confrelid and a.attnum = u.number),
  'onDelete', (jsonb_build_object('a', 'no action', 'r', 'restrict', 'c', 'cascade', 'n', 'set null', 'd', 'set default')
    ->> o.confdeltype::text),
  'onUpdate', (jsonb_build_object('a', 'no action', 'r', 'restrict', 'c', 'cascade', 'n', 'set null', 'd', 'set default')
    ->> o.confupdtype::text)) as fact
from pg_constraint o
join pg_class c on c.oid = o.conrelid join pg_namespace n on n.oid = c.relnamespace
join pg_class k on k.oid = o.confrelid join pg_namespace m on m.oid = k.relnamespace
where o.contype = 'f' and o.conparentid = 0 and ${notSystem}
order by o.conrelid, o.conname`;
