declare
  v_user_id       uuid := trust_private.claimed_user_id();
  v_tenant_id     uuid := coalesce(p_tenant_id, public.get_user_tenant_id_v1());
  v_jti           uuid := gen_random_uuid();
  v_issued_at     timestamptz := date_trunc('second', now());
  v_expires_at    timestamptz;
  v_scopes        text[];
  v_key           record;
  v_delegation_id uuid;
  v_token         text;
begin
  perform public.assert_tenant_member_v1(v_tenant_id, 'member');
  if (p_expires_minutes between 1 and 1440) is not true then
    raise sqlstate 'PT400' using message = 'invalid_expiry', detail = 'A token lives between 1 and 1440 minutes.';
  end if;
  perform public.assert_service_active_v1(v_tenant_id, p_service_id);
  perform public.validate_scopes_v1(p_scopes);

  if exists (
    select
    from public.trust_profiles as p
    where p.actor_type = 'user'
      and p.actor_id = v_user_id::text
      and p.enforcement_level >= 'E3'
  ) then
    raise sqlstate 'PT403' using message = 'actor_suspended', detail = 'A suspended user delegates nothing.';
  end if;
  if trust_private.consume_rate_limit('token:issue', 'user', v_user_id::text, 1) is not true then
    raise sqlstate 'PT429' using message = 'rate_limited', detail = 'The limit of token:issue is used up.', hint = 'Try again later.';
  end if;

  -- A key that ends within this second signs no more: in whole seconds its token would have expired already.
  select k.key_id, k.algorithm, k.key_material_encrypted, k.encryption_key_id, k.expires_at
  into v_key
  from public.service_keys as k
  where k.tenant_id = v_tenant_id
    and k.service_id = p_service_id
    and k.key_type = 'hmac'
    and k.revoked_at is null
    and (k.not_before is null or k.not_before <= now())
    and (k.expires_at is null or k.expires_at >= v_issued_at + interval '1 second')
  order by k.created_at desc, k.key_id
  limit 1;
  if not found then
    if exists (
      select
      from public.service_keys as k
      where k.tenant_id = v_tenant_id
        and k.service_id = p_service_id
        and k.key_type = 'ed25519'
        and k.revoked_at is null
        and (k.not_before is null or k.not_before <= now())
        and (k.expires_at is null or k.expires_at >= v_issued_at + interval '1 second')
    ) then
      raise sqlstate 'PT409' using message = 'signing_key_not_hmac', detail = 'The service has EdDSA keys only.', hint = 'Rotate in an HMAC key.';
    end if;
    raise sqlstate 'PT409' using message = 'signing_key_missing', detail = 'The service has no active key.', hint = 'Rotate the key of the service.';
  end if;

  -- Whole seconds, as in the claims. No token outlives its key.
  v_expires_at := date_trunc('second', least(now() + make_interval(mins => p_expires_minutes), v_key.expires_at));

  select array_agg(s.scope order by s.place)
  into v_scopes
  from (
    select u.scope, min(u.place) as place
    from unnest(p_scopes) with ordinality as u (scope, place)
    group by u.scope
  ) as s;

  -- Renewing keeps what earlier tokens may do; a delegation that has lapsed starts afresh.
  insert into public.delegations as d (tenant_id, user_id, service_id, scopes, expires_at)
  values (v_tenant_id, v_user_id, p_service_id, v_scopes, v_expires_at)
  on conflict (tenant_id, user_id, service_id) where revoked_at is null
  do update set
    scopes = case
      when d.expires_at <= now() then excluded.scopes
      else d.scopes || array(select u.scope from unnest(excluded.scopes) as u (scope) where u.scope <> all (d.scopes))
    end,
    expires_at = case when d.expires_at is not null then greatest(d.expires_at, excluded.expires_at) end
  returning d.delegation_id into v_delegation_id;

  v_token := trust_private.sign_token(
    jsonb_build_object(
      'iss', 'trust-lite',
      'sub', v_user_id,
      'aud', p_service_id,
      'jti', v_jti,
      'iat', extract(epoch from v_issued_at)::bigint,
      'exp', extract(epoch from v_expires_at)::bigint,
      'scopes', to_jsonb(v_scopes),
      'tenant', v_tenant_id
    ),
    v_key.algorithm,
    v_key.key_id,
    trust_private.decrypt_key_material(v_key.key_material_encrypted, v_key.encryption_key_id)
  );

  insert into public.delegation_tokens (tenant_id, delegation_id, service_id, key_id, token_hash, jti, expires_at, issued_at)
  values (v_tenant_id, v_delegation_id, p_service_id, v_key.key_id, trust_private.token_hash(v_token), v_jti, v_expires_at, v_issued_at);

  return query select v_delegation_id, v_token, v_expires_at;
end
