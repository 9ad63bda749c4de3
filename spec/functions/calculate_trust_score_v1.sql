declare
  v_actor_id text := trust_private.normalized_actor_id(p_actor_type, p_actor_id);
  v_exists   boolean;
  v_score    numeric(5, 2);
  v_signals  jsonb;
begin
  -- The profile is locked before the events are read: of two calculations the one that writes last has read last.
  -- Where there is no profile yet, inserting it decides who is first; the other one goes round again.
  loop
    perform
    from public.trust_profiles as p
    where p.actor_type = p_actor_type
      and p.actor_id = v_actor_id
    for no key update;
    v_exists := found;

    select
      least(100, greatest(0, 50 + coalesce(sum(
        e.weight::double precision
          * power(0.5::double precision, extract(epoch from now() - e.created_at)::double precision / (30 * 86400))
      ), 0)))::numeric,
      jsonb_build_object('events', count(*), 'window_days', 90, 'half_life_days', 30, 'calculated_at', now())
    into v_score, v_signals
    from public.risk_events as e
    where e.actor_type = p_actor_type
      and e.actor_id = v_actor_id
      -- Days of 24 hours, as in the decay: a day of the session's time zone may have 23 or 25.
      and e.created_at > now() - 90 * interval '24 hours';

    if v_exists then
      update public.trust_profiles as p
      set trust_score = v_score,
          risk_tier   = trust_private.tier_of_score(v_score),
          signals     = p.signals || v_signals
      where p.actor_type = p_actor_type
        and p.actor_id = v_actor_id;
    else
      insert into public.trust_profiles (actor_type, actor_id, trust_score, risk_tier, signals)
      values (p_actor_type, v_actor_id, v_score, trust_private.tier_of_score(v_score), v_signals)
      on conflict (actor_type, actor_id) do nothing;
    end if;
    exit when found;
  end loop;
  return v_score;
end
