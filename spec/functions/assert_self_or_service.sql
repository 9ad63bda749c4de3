begin
  if trust_private.actor_kind() = 'user' then
    if p_user_id is not null and p_user_id is distinct from trust_private.claimed_user_id() then
      raise sqlstate 'PT403' using message = 'actor_mismatch', detail = 'A user may ask about nobody else.';
    end if;
  elsif p_user_id is null then
    raise sqlstate 'PT403' using
      message = 'actor_context_required',
      detail  = 'Without a user id the call is about the caller, who is not a user.',
      hint    = 'Name the user.';
  end if;
end
