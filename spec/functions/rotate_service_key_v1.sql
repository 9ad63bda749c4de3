declare
  v_key_id            text := 'key_' || replace(gen_random_uuid()::text, '-', '');
  v_encryption_key_id text := 'default';
  v_key_type          text;
  v_key_material      bytea;
begin
  if p_overlap is null or p_overlap < interval '0' or p_overlap > interval '90 days' then
    raise sqlstate 'PT400' using message = 'invalid_overlap', detail = 'The overlap is between zero and 90 days.';
  end if;

  -- An HMAC key is as long as the hash of its algorithm.
  case p_algorithm
    when 'HS256' then
      v_key_type := 'hmac';
      v_key_material := extensions.gen_random_bytes(32);
    when 'HS384' then
      v_key_type := 'hmac';
      v_key_material := extensions.gen_random_bytes(48);
    when 'HS512' then
      v_key_type := 'hmac';
      v_key_material := extensions.gen_random_bytes(64);
    when 'EdDSA' then
      v_key_type := 'ed25519';
      v_key_material := p_key_material;
    else
      raise sqlstate 'PT400' using message = 'invalid_algorithm', detail = 'An algorithm is one of HS256, HS384, HS512 and EdDSA.';
  end case;
  if v_key_type = 'hmac' and p_key_material is not null then
    raise sqlstate 'PT400' using message = 'key_material_not_accepted', detail = 'HMAC keys are made in the database.';
  end if;
  if v_key_type = 'ed25519' and (octet_length(p_key_material) in (32, 64)) is not true then
    raise sqlstate 'PT400' using message = 'key_material_required', detail = 'An EdDSA key has 32 bytes, or 64 with the public half.';
  end if;

  perform public.assert_service_active_v1(p_tenant_id, p_service_id);

  -- One rotation of a service at a time. This lock lets foreign keys to the service pass.
  perform
  from public.service_identities as s
  where s.tenant_id = p_tenant_id
    and s.service_id = p_service_id
  for no key update;

  update public.service_keys as k
  set expires_at = now() + p_overlap
  where k.tenant_id = p_tenant_id
    and k.service_id = p_service_id
    and k.revoked_at is null
    and (k.expires_at is null or k.expires_at > now() + p_overlap);

  -- The clock and not the start of the transaction: of two keys made in one transaction the second is the newer.
  insert into public.service_keys
    (tenant_id, service_id, key_id, key_type, algorithm, key_format, key_material_encrypted, encryption_key_id, created_at)
  values
    (p_tenant_id, p_service_id, v_key_id, v_key_type, p_algorithm, 'raw',
     trust_private.encrypt_key_material(v_key_material, v_encryption_key_id), v_encryption_key_id, clock_timestamp());

  return v_key_id;
end
