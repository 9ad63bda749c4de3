create extension if not exists vector with schema extensions;
create table public.documents (
  id bigint generated always as identity primary key,
  owner_id uuid not null default auth.uid() references auth.users on delete cascade,
  content text not null,
  embedding extensions.vector(1536)
);
create index on public.documents (owner_id);
create index on public.documents using hnsw (embedding vector_cosine_ops);
create index on public.documents using ivfflat (embedding vector_l2_ops) with (lists = 100);
alter table public.documents enable row level security;
revoke all on public.documents, public.documents_id_seq from anon, authenticated;
grant select, insert on public.documents to authenticated;
create policy "own documents" on public.documents to authenticated
  using (owner_id = (select auth.uid())) with check (owner_id = (select auth.uid()));

-- As the guides have it: with the rights of its caller.
create or replace function public.match_documents(query_embedding vector(1536), match_threshold float, match_count int)
returns table (id bigint, content text, similarity float)
language sql stable set search_path = public, extensions, pg_temp
as $$
  select documents.id, documents.content, 1 - (documents.embedding <=> query_embedding) as similarity
  from documents
  where 1 - (documents.embedding <=> query_embedding) > match_threshold
  order by (documents.embedding <=> query_embedding) asc
  limit match_count;
$$;
revoke execute on function public.match_documents from public, anon;

-- And so that it finds what it should not.
create or replace function public.match_all_documents(query_embedding vector(1536), match_count int)
returns setof public.documents
language plpgsql stable security definer set search_path = public, extensions, pg_temp
as $$
begin
  return query select * from public.documents d order by d.embedding <=> query_embedding limit match_count;
end;
$$;
revoke execute on function public.match_all_documents from public, anon;
