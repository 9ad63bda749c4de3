begin
  return case p_role
    when 'owner' then 4
    when 'admin' then 3
    when 'member' then 2
    when 'guest' then 1
  end;
end
