insert into storage.buckets (id, name, public) values ('avatars', 'avatars', true), ('documents', 'documents', false);

create policy "Avatar images are publicly accessible."
on storage.objects for select
using (bucket_id = 'avatars');

create policy "Anyone can upload an avatar."
on storage.objects for insert
with check (bucket_id = 'avatars');

-- This one is right.
create policy "Documents belong to the folder of their user"
on storage.objects for all to authenticated
using (bucket_id = 'documents' and (storage.foldername(name))[1] = (select auth.uid()::text))
with check (bucket_id = 'documents' and (storage.foldername(name))[1] = (select auth.uid()::text));
