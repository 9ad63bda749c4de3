begin
  return extensions.pgp_sym_encrypt_bytea(
    p_key_material,
    trust_private.encryption_secret(p_encryption_key_id),
    'cipher-algo=aes256, compress-algo=0'
  );
end
