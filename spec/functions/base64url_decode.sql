begin
  if (p_text ~ '^[A-Za-z0-9_-]+$') is not true or length(p_text) % 4 = 1 then
    return null;
  end if;
  return decode(translate(p_text, '-_', '+/') || repeat('=', (4 - length(p_text) % 4) % 4), 'base64');
end
