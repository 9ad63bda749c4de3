insert into public.people (first, last) values ('Ada', 'Lovelace'), ('Plato', null);
insert into public.notes (body) values ('note 1'), ('note 2');
insert into public.drafts (body, note_id) values ('draft 1', 1), ('draft 2', 2), ('draft 3', 2);
