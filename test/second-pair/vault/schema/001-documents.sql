-- Documents: whole words for access, moments with their zone, codes in the order of their bytes.
create table documents (
  tenant text collate "C" not null,
  code text collate "C" not null check (code <> ''),
  title text,
  keywords text[],
  attributes jsonb check (jsonb_typeof(attributes) = 'object'),
  insured_value numeric check (scale(insured_value) <= 2),
  access text check (access in ('open', 'restricted', 'sealed')),
  superseded_by text collate "C",
  revision bigint not null default 1 check (revision > 0),
  changed_at timestamptz(3) not null,
  removed_at timestamptz(3),
  primary key (tenant, code)
);

create index documents_by_keyword on documents using gin (keywords);
create index documents_by_attribute on documents using gin (attributes jsonb_path_ops);
