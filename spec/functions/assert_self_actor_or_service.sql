begin
  if trust_private.actor_kind() = 'user' then
    if p_actor_type is distinct from 'user'
      or (p_actor_id is not null and lower(p_actor_id) is distinct from trust_private.claimed_user_id()::text)
    then
      raise sqlstate 'PT403' using message = 'actor_mismatch', detail = 'A user may ask about nobody else.';
    end if;
  elsif p_actor_id is null then
    raise sqlstate 'PT403' using
      message = 'actor_context_required',
      detail  = 'Without an actor id the call is about the caller, who is not a user.',
      hint    = 'Name the actor.';
  end if;
end
