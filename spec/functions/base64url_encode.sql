begin
  -- encode() breaks lines and pads; translate() drops what has no counterpart.
  return translate(encode(p_bytes, 'base64'), E'+/=\n', '-_');
end
