-- A plan that is kept keeps the answer of an IMMUTABLE function, not that of a STABLE one.
create function private.immutable_uid() returns text language plpgsql immutable as $$ begin return auth.uid()::text; end $$;
create function private.stable_uid() returns text language plpgsql stable as $$ begin return auth.uid()::text; end $$;
set local plan_cache_mode = force_generic_plan;
prepare i as select private.immutable_uid() as uid;
prepare s as select private.stable_uid() as uid;
select set_config('request.jwt.claims', json_build_object('sub', '00000000-0000-0000-0000-00000000000a')::text, true);
create temp table first_i as execute i;
create temp table first_s as execute s;
select set_config('request.jwt.claims', json_build_object('sub', '00000000-0000-0000-0000-00000000000b')::text, true);
create temp table second_i as execute i;
create temp table second_s as execute s;
select (select f.uid = s.uid from first_i f, second_i s) and (select f.uid <> s.uid from first_s f, second_s s);
