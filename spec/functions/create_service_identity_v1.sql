begin
  if (p_service_id ~ '^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$') is not true then
    raise sqlstate 'PT400' using
      message = 'invalid_service_id',
      detail  = 'A name has 1 to 128 letters, digits, dots, colons, hyphens or underscores and begins with a letter or digit.';
  end if;

  insert into public.service_identities (tenant_id, service_id)
  values (p_tenant_id, p_service_id)
  on conflict (tenant_id, service_id) do nothing;
  if not found then
    raise sqlstate 'PT409' using message = 'service_exists', detail = 'The tenant has a service of this name already.';
  end if;
end
