begin
  return extensions.pgp_sym_encrypt_bytea(
    p_key_material,
    trust_private.encryption_secret(p_encryption_key_id),
    -- The secret is random and long: stretching it for every call would cost a millisecond and buy nothing.
    'cipher-algo=aes256, compress-algo=0, s2k-count=1024'
  );
end
