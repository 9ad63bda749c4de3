declare
  v_actor_id text    := trust_private.normalized_actor_id(p_actor_type, p_actor_id);
  v_weight   numeric := round(coalesce(p_weight, 0), 2);
  v_event_id bigint;
begin
  if p_event_type is null or btrim(p_event_type) = '' or length(p_event_type) > 100 then
    raise sqlstate 'PT400' using message = 'invalid_argument', detail = 'p_event_type is missing, blank or longer than 100 characters.';
  end if;
  if (v_weight between -999.99 and 999.99) is not true then
    raise sqlstate 'PT400' using message = 'invalid_argument', detail = 'p_weight is not between -999.99 and 999.99.';
  end if;
  if p_request_id is not null and (btrim(p_request_id) = '' or length(p_request_id) > 200) then
    raise sqlstate 'PT400' using message = 'invalid_argument', detail = 'p_request_id is blank or longer than 200 characters.';
  end if;
  if octet_length(p_meta::text) > 16384 then
    raise sqlstate 'PT400' using message = 'invalid_argument', detail = 'p_meta is larger than 16 KiB.';
  end if;

  -- Of two sessions with one request id the second waits for the first and then finds its event.
  loop
    insert into public.risk_events as e (actor_type, actor_id, event_type, weight, meta, request_id)
    values (p_actor_type, v_actor_id, p_event_type, v_weight, p_meta, p_request_id)
    on conflict (request_id) do nothing
    returning e.event_id into v_event_id;
    exit when v_event_id is not null;

    select e.event_id
    into v_event_id
    from public.risk_events as e
    where e.request_id = p_request_id;
    exit when v_event_id is not null;
  end loop;
  return v_event_id;
end
