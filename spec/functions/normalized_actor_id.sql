begin
  if p_actor_type is null then
    raise sqlstate 'PT400' using message = 'invalid_argument', detail = 'p_actor_type is missing.';
  end if;
  if p_actor_id is null or btrim(p_actor_id) = '' or length(p_actor_id) > 256 then
    raise sqlstate 'PT400' using message = 'invalid_argument', detail = 'p_actor_id is missing, blank or longer than 256 characters.';
  end if;
  -- A uuid has one text in the claims and in the database; in another case it would be another actor.
  return case when p_actor_type = 'user' then lower(p_actor_id) else p_actor_id end;
end
