declare
  v_secret text := trust_private.encryption_secret(p_encryption_key_id);
begin
  begin
    return extensions.pgp_sym_decrypt_bytea(p_key_material_encrypted, v_secret);
  exception
    when external_routine_invocation_exception then
      raise sqlstate 'PT503' using
        message = 'key_material_unreadable',
        detail  = 'The key material does not decrypt with the configured secret.',
        hint    = 'Was the secret replaced? Put the old one back, or rotate the keys of the service.';
  end;
end
