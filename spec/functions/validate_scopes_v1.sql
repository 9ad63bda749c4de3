declare
  v_scope     text;
  v_delegable boolean;
begin
  if p_scopes is null or cardinality(p_scopes) = 0 then
    raise sqlstate 'PT400' using message = 'scopes_required', detail = 'At least one scope is needed.';
  end if;
  if cardinality(p_scopes) > 100 then
    raise sqlstate 'PT400' using message = 'invalid_argument', detail = 'p_scopes holds more than 100 scopes.';
  end if;

  foreach v_scope in array p_scopes loop
    if v_scope is null or btrim(v_scope) = '' then
      raise sqlstate 'PT400' using message = 'scope_blank', detail = 'A scope is null or blank.';
    end if;
    if position('*' in v_scope) > 0 then
      raise sqlstate 'PT400' using message = 'scope_wildcard', detail = 'Wildcard: ' || left(v_scope, 100) || '.';
    end if;

    select s.is_delegable
    into v_delegable
    from public.scope_definitions as s
    where s.scope = v_scope;

    if not found then
      raise sqlstate 'PT400' using message = 'scope_unknown', detail = 'Unknown: ' || left(v_scope, 100) || '.';
    end if;
    if v_delegable is not true then
      raise sqlstate 'PT403' using message = 'scope_not_delegable', detail = 'Not delegable: ' || v_scope || '.';
    end if;
  end loop;
end
