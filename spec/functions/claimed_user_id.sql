declare
  -- Both sources that auth.uid() knows. An empty setting is what a local setting leaves behind: it counts as absent.
  v_legacy text := nullif(current_setting('request.jwt.claim.sub', true), '');
  v_claims text := nullif(current_setting('request.jwt.claims', true), '');
  v_sub    text;
begin
  if v_claims is not null then
    begin
      v_sub := v_claims::jsonb ->> 'sub';
    exception
      when data_exception or program_limit_exceeded then
        return null;
    end;
  end if;

  -- auth.uid() lets the legacy setting win. Where the two disagree nobody can say who is calling.
  if v_legacy is not null and v_claims is not null and v_legacy is distinct from v_sub then
    return null;
  end if;
  v_sub := coalesce(v_legacy, v_sub);

  if v_sub ~ '^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$' then
    return v_sub::uuid;
  end if;
  return null;
end
