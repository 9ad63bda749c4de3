begin
  if p_actor_type is null then
    raise sqlstate 'PT400' using message = 'invalid_argument', detail = 'p_actor_type is missing.';
  end if;
  if p_actor_id is null or btrim(p_actor_id) = '' or length(p_actor_id) > 256 then
    raise sqlstate 'PT400' using message = 'invalid_argument', detail = 'p_actor_id is missing, blank or longer than 256 characters.';
  end if;
  -- A user's uuid has one text here: written in capitals it would be another actor.
  if p_actor_type = 'user' and p_actor_id ~ '^[0-9A-Fa-f-]{36}$' then
    return lower(p_actor_id);
  end if;
  return p_actor_id;
end
