-- Stays with the card file, and points at documents that leave.
create table loans (
  house text not null,
  signature text not null,
  reader text not null,
  due_on date not null,
  primary key (house, signature),
  foreign key (house, signature) references cards (house, signature)
);
