declare
  v_parts  text[] := string_to_array(p_token, '.');
  v_header jsonb;
begin
  if cardinality(v_parts) is distinct from 3 then
    return null;
  end if;
  if v_parts[3] is distinct from trust_private.token_signature(v_parts[1] || '.' || v_parts[2], p_algorithm, p_key_material) then
    return null;
  end if;

  begin
    v_header := convert_from(trust_private.base64url_decode(v_parts[1]), 'UTF8')::jsonb;
    if v_header ->> 'alg' is distinct from p_algorithm or v_header ->> 'kid' is distinct from p_key_id then
      return null;
    end if;
    return convert_from(trust_private.base64url_decode(v_parts[2]), 'UTF8')::jsonb;
  exception
    when data_exception or program_limit_exceeded then
      return null;
  end;
end
