-- A comment before the block; it's kept.
declare
  v_count bigint := 0; -- $function$ $$
begin
  select count(*) into v_count from public.notes as n where n.mood = p_mood;
  return v_count;
end;
