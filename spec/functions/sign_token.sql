declare
  v_header jsonb := jsonb_build_object('alg', p_algorithm, 'typ', 'JWT', 'kid', p_key_id);
  v_input  text  := trust_private.base64url_encode(convert_to(v_header::text, 'UTF8'))
    || '.' || trust_private.base64url_encode(convert_to(p_claims::text, 'UTF8'));
begin
  return v_input || '.' || trust_private.token_signature(v_input, p_algorithm, p_key_material);
end
