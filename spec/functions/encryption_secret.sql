declare
  v_secret text;
begin
  -- Vault is looked up by a constant statement that is planned only where Vault is installed and readable.
  if has_schema_privilege(to_regnamespace('vault')::oid, 'usage') then
    if has_table_privilege(to_regclass('vault.decrypted_secrets')::oid, 'select') then
      execute 'select s.decrypted_secret from vault.decrypted_secrets as s where s.name = $1 order by s.created_at desc limit 1'
      into v_secret
      using 'trust_encryption_key_' || p_encryption_key_id;
    end if;
  end if;

  if v_secret is null or v_secret = '' then
    select k.secret
    into v_secret
    from trust_private.encryption_keys as k
    where k.key_id = p_encryption_key_id;
  end if;

  -- No key stretching makes up for a short secret, so there is none, and a short secret counts as none.
  if v_secret is null or length(v_secret) < 32 then
    raise sqlstate 'PT503' using
      message = 'encryption_key_not_configured',
      detail  = 'There is no encryption secret of the required name with at least 32 characters.',
      hint    = 'Put a random secret of at least 32 characters into Supabase Vault as trust_encryption_key_default, or into trust_private.encryption_keys.';
  end if;
  return v_secret;
end
