-- Written for one bucket in mind, it shows the files of all.
create table claim.files (bucket_id text, owner uuid);
insert into claim.files values ('avatars', '00000000-0000-0000-0000-00000000000a'), ('contracts', '00000000-0000-0000-0000-00000000000a');
alter table claim.files enable row level security;
grant select on claim.files to authenticated;
create policy avatars on claim.files for select to authenticated using (owner = (select auth.uid()));
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', 'select from claim.files') = '2';
