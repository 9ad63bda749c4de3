insert into public.members values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid());
