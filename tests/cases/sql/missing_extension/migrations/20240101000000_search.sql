create extension if not exists vector_of_nobody with schema extensions;
create table public.documents (id uuid primary key, owner_id uuid not null, embedding extensions.vector_of_nobody);
