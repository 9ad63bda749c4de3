begin
  return trust_private.base64url_encode(
    extensions.hmac(
      convert_to(p_signing_input, 'UTF8'),
      p_key_material,
      case p_algorithm when 'HS256' then 'sha256' when 'HS384' then 'sha384' when 'HS512' then 'sha512' end
    )
  );
end
