declare
  v_actor_id    text := trust_private.normalized_actor_id(p_actor_type, p_actor_id);
  v_tier        public.risk_tier;
  v_enforcement public.enforcement_level;
  v_config      record;
  v_counter     record;
  v_now         timestamptz;
  v_cost        numeric;
  v_capacity    numeric;
  v_windows     numeric;
  v_fraction    numeric;
  v_used        numeric;
  v_before      numeric;
  v_owed        numeric;
  v_charged     numeric;
  v_allowed     boolean;
begin
  if p_action is null or btrim(p_action) = '' or length(p_action) > 100 then
    raise sqlstate 'PT400' using message = 'invalid_argument', detail = 'p_action is missing, blank or longer than 100 characters.';
  end if;
  if p_cost is null or p_cost < 1 then
    raise sqlstate 'PT400' using message = 'invalid_argument', detail = 'p_cost is missing or below 1.';
  end if;

  select p.risk_tier, p.enforcement_level
  into v_tier, v_enforcement
  from public.trust_profiles as p
  where p.actor_type = p_actor_type
    and p.actor_id = v_actor_id;
  v_tier := coalesce(v_tier, 'B');
  v_enforcement := coalesce(v_enforcement, 'E0');
  if v_enforcement = 'E2' then
    v_tier := 'D';
  end if;

  -- A scope named like an actor type serves that type alone and goes first; a tier's own config goes before the fallback.
  select c.algorithm, c.limit_value, c.window_seconds, c.burst, c.cost_per_action, c.enabled
  into v_config
  from public.rate_limit_configs as c
  where c.action = p_action
    and (c.tier = v_tier or c.tier is null)
    and (c.scope = p_actor_type::text or c.scope <> all (enum_range(null::public.actor_type)::text[]))
  order by (c.scope = p_actor_type::text) desc, (c.tier is not null) desc, c.scope
  limit 1;
  if not found or not v_config.enabled then
    return true;
  end if;

  v_cost := p_cost::numeric * v_config.cost_per_action * case when v_enforcement = 'E1' then 2 else 1 end;
  v_capacity := coalesce(v_config.burst, v_config.limit_value)::numeric;

  -- The counter's row lock makes what follows atomic. A purge between the two statements sends us round again.
  loop
    insert into trust_private.rate_limit_counters (action, actor_type, actor_id)
    values (p_action, p_actor_type, v_actor_id)
    on conflict (action, actor_type, actor_id) do nothing;

    select r.used, r.used_before, r.measured_at
    into v_counter
    from trust_private.rate_limit_counters as r
    where r.action = p_action
      and r.actor_type = p_actor_type
      and r.actor_id = v_actor_id
    for no key update;
    exit when found;
  end loop;

  -- The clock after the lock, and never backwards: sessions that waited must not count time twice.
  v_now := greatest(clock_timestamp(), v_counter.measured_at);
  v_used := v_counter.used;
  v_before := v_counter.used_before;
  v_windows := floor(extract(epoch from v_now)::numeric / v_config.window_seconds)
    - floor(extract(epoch from v_counter.measured_at)::numeric / v_config.window_seconds);

  -- In each algorithm `used` shrinks by the limit for each window that passes, so that a burst beyond the limit is paid back.
  if v_config.algorithm = 'token_bucket' then
    -- continuously
    v_used := greatest(0, v_used
      - extract(epoch from v_now - v_counter.measured_at)::numeric * v_config.limit_value / v_config.window_seconds);
    v_before := 0;
    v_charged := v_used;
  elsif v_config.algorithm = 'fixed_window' then
    -- at the window's edge
    v_used := greatest(0, v_used - v_windows * v_config.limit_value);
    v_before := 0;
    v_charged := v_used;
  else
    -- at the window's edge, while the window before still counts with the part of it that the sliding window covers
    if v_windows > 0 then
      v_before := greatest(0, v_used - (v_windows - 1) * v_config.limit_value);
      v_used := greatest(0, v_used - v_windows * v_config.limit_value);
    end if;
    v_fraction := extract(epoch from v_now)::numeric / v_config.window_seconds;
    v_fraction := v_fraction - floor(v_fraction);
    v_owed := greatest(0, v_before - v_config.limit_value);
    v_charged := greatest(v_before * (1 - v_fraction), v_owed) + greatest(0, v_used - v_owed);
  end if;

  v_allowed := v_enforcement < 'E3' and v_charged + v_cost <= v_capacity;
  if v_allowed then
    v_used := v_used + v_cost;
  end if;

  update trust_private.rate_limit_counters as r
  set used           = round(v_used, 6),
      used_before    = round(v_before, 6),
      measured_at    = v_now,
      denied         = r.denied + case when v_allowed then 0 else 1 end,
      last_denied_at = case when v_allowed then r.last_denied_at else v_now end,
      -- Rounded up to the hour: an indexed value that seldom changes keeps the update of a busy counter cheap.
      -- A century at most, where a limit would take longer to recover than a timestamp can say.
      idle_from      = date_trunc('hour', v_now + make_interval(hours => 1, secs => least(
        3155760000, (ceil(v_used / v_config.limit_value) + 2) * v_config.window_seconds)::double precision))
  where r.action = p_action
    and r.actor_type = p_actor_type
    and r.actor_id = v_actor_id;

  return v_allowed;
end
