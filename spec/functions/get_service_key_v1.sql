declare
  v_key record;
begin
  perform public.assert_service_active_v1(p_tenant_id, p_service_id);

  select k.algorithm, k.key_format, k.key_material_encrypted, k.encryption_key_id, k.not_before, k.expires_at, k.revoked_at
  into v_key
  from public.service_keys as k
  where k.tenant_id = p_tenant_id
    and k.service_id = p_service_id
    and k.key_id = p_key_id;

  if not found then
    raise sqlstate 'PT404' using message = 'service_key_not_found', detail = 'The service has no such key.';
  end if;
  if v_key.revoked_at is not null or v_key.not_before > now() or v_key.expires_at <= now() then
    raise sqlstate 'PT403' using message = 'service_key_not_active', detail = 'The key is revoked, expired or not yet valid.';
  end if;

  return query
    select
      v_key.algorithm,
      v_key.key_format,
      trust_private.decrypt_key_material(v_key.key_material_encrypted, v_key.encryption_key_id),
      v_key.expires_at;
end
