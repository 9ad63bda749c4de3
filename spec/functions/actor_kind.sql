declare
  v_set_role text := current_setting('role');
  v_role     text := case when v_set_role is distinct from 'none' then v_set_role else session_user::text end;
begin
  if v_role = 'service_role' then
    return 'service';
  end if;
  if v_role = 'authenticated' then
    return case when trust_private.claimed_user_id() is not null then 'user' end;
  end if;
  -- This function runs as the owner of the objects: current_user is that owner, whoever calls.
  if v_set_role = 'none' and pg_has_role(session_user, current_user, 'member') then
    return 'operator';
  end if;
  return null;
end
