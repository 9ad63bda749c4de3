declare
  v_row    record;
  v_claims jsonb;
  v_scopes text[];
begin
  if p_token is null or length(p_token) > 16384 then
    raise sqlstate 'PT401' using message = 'token_invalid', detail = 'The token is missing or too long.';
  end if;

  select
    t.token_id, t.expires_at, t.revoked_at,
    d.delegation_id, d.tenant_id, d.user_id, d.service_id, d.scopes,
    d.revoked_at as delegation_revoked_at, d.expires_at as delegation_expires_at,
    k.key_id, k.algorithm, k.key_material_encrypted, k.encryption_key_id,
    k.revoked_at as key_revoked_at, k.not_before as key_not_before, k.expires_at as key_expires_at,
    s.status as service_status, n.status as tenant_status
  into v_row
  from public.delegation_tokens as t
  join public.delegations as d
    on d.tenant_id = t.tenant_id and d.service_id = t.service_id and d.delegation_id = t.delegation_id
  join public.service_keys as k
    on k.tenant_id = t.tenant_id and k.service_id = t.service_id and k.key_id = t.key_id
  join public.service_identities as s on s.tenant_id = t.tenant_id and s.service_id = t.service_id
  join public.tenants as n on n.tenant_id = t.tenant_id
  where t.token_hash = trust_private.token_hash(p_token);
  if not found then
    raise sqlstate 'PT401' using message = 'token_invalid', detail = 'The token is malformed or unknown.';
  end if;

  if v_row.revoked_at is not null then
    raise sqlstate 'PT401' using message = 'token_revoked', detail = 'The token was revoked.';
  end if;
  if v_row.expires_at <= now() then
    raise sqlstate 'PT401' using message = 'token_expired', detail = 'The token has expired.';
  end if;
  if v_row.key_revoked_at is not null or v_row.key_not_before > now() or v_row.key_expires_at <= now() then
    raise sqlstate 'PT401' using message = 'signing_key_not_active', detail = 'The key of the token is revoked, expired or not yet valid.';
  end if;
  if v_row.delegation_revoked_at is not null or v_row.delegation_expires_at <= now() then
    raise sqlstate 'PT401' using message = 'delegation_not_active', detail = 'The delegation was revoked or has lapsed.';
  end if;
  if v_row.service_status is distinct from 'active' or v_row.tenant_status is distinct from 'active' then
    raise sqlstate 'PT401' using message = 'delegation_not_active', detail = 'The service or its tenant is not active.';
  end if;
  if trust_private.has_tenant_role(v_row.tenant_id, v_row.user_id, 'member') is not true then
    raise sqlstate 'PT401' using message = 'delegation_not_active', detail = 'The user may not delegate in the tenant any more.';
  end if;

  v_claims := trust_private.verified_claims(
    p_token, v_row.algorithm, v_row.key_id,
    trust_private.decrypt_key_material(v_row.key_material_encrypted, v_row.encryption_key_id)
  );
  if v_claims is null
    or v_claims ->> 'sub' is distinct from v_row.user_id::text
    or v_claims ->> 'aud' is distinct from v_row.service_id
    or v_claims ->> 'tenant' is distinct from v_row.tenant_id::text
  then
    raise sqlstate 'PT401' using message = 'token_invalid', detail = 'The signature of the token is wrong.';
  end if;

  -- What the token carries, as far as the delegation still holds it.
  select array_agg(c.scope order by c.place)
  into v_scopes
  from jsonb_array_elements_text(v_claims -> 'scopes') with ordinality as c (scope, place)
  where c.scope = any (v_row.scopes);
  if v_scopes is null then
    raise sqlstate 'PT401' using message = 'delegation_not_active', detail = 'The delegation holds none of the scopes of the token any more.';
  end if;

  -- A revocation that is under way holds the row: wait for it and look again.
  update public.delegation_tokens as t
  set last_used_at = now()
  where t.token_id = v_row.token_id
    and t.revoked_at is null;
  if not found then
    raise sqlstate 'PT401' using message = 'token_revoked', detail = 'The token was revoked.';
  end if;

  return query
    select v_row.delegation_id, v_row.tenant_id, v_row.user_id, v_row.service_id, v_scopes, v_row.expires_at;
end
