declare
  v_kind    text   := trust_private.actor_kind();
  v_allowed text[] := coalesce(p_allowed, array['user', 'service', 'operator']);
begin
  if v_kind = 'operator' and 'service' = any (v_allowed) then
    return;
  end if;
  if (v_kind = any (v_allowed)) is not true then
    raise sqlstate 'PT403' using
      message = 'actor_context_required',
      detail  = 'Allowed: ' || array_to_string(v_allowed, ', ') || '.',
      hint    = 'Call as a signed-in user with a uuid as the claim sub, or with the service role.';
  end if;
end
