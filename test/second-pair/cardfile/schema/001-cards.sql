-- Documents as the card file has always kept them: letters for access, `timestamp` without zone in UTC.
create type card_access as enum ('O', 'R', 'S');

create table cards (
  house text not null,
  signature text not null,
  heading text,
  keywords text[],
  extra jsonb,
  insured numeric(14, 2),
  access card_access,
  replaced_by text,
  rev integer not null default 1,
  touched timestamp(3) not null,
  struck_at timestamp(3),
  primary key (house, signature)
);

create index cards_by_keyword on cards using gin (keywords);
create index cards_by_extra on cards using gin (extra jsonb_path_ops);
