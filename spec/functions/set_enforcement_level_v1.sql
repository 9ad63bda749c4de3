declare
  v_actor_id text := trust_private.normalized_actor_id(p_actor_type, p_actor_id);
  v_before   public.enforcement_level;
begin
  if p_level is null then
    raise sqlstate 'PT400' using message = 'invalid_argument', detail = 'p_level is missing.';
  end if;
  if p_reason is null or btrim(p_reason) = '' or length(p_reason) > 1000 then
    raise sqlstate 'PT400' using message = 'invalid_argument', detail = 'p_reason is missing, blank or longer than 1000 characters.';
  end if;

  -- One change of the profile, also where it is made now: its version counts them.
  insert into public.trust_profiles as p (actor_type, actor_id, enforcement_level)
  values (p_actor_type, v_actor_id, p_level)
  on conflict (actor_type, actor_id) do nothing
  returning 'E0' into v_before;

  if not found then
    select p.enforcement_level
    into v_before
    from public.trust_profiles as p
    where p.actor_type = p_actor_type
      and p.actor_id = v_actor_id
    for no key update;

    update public.trust_profiles as p
    set enforcement_level = p_level
    where p.actor_type = p_actor_type
      and p.actor_id = v_actor_id;
  end if;

  perform public.record_risk_event_v1(
    p_actor_type => p_actor_type,
    p_actor_id   => v_actor_id,
    p_event_type => 'enforcement_level_set',
    p_meta       => jsonb_build_object('from', v_before, 'to', p_level, 'reason', p_reason)
  );
end
