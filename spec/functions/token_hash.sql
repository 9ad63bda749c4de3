begin
  return encode(sha256(convert_to(p_token, 'UTF8')), 'hex');
end
