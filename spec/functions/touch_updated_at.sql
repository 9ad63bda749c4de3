begin
  new.updated_at := now();
  return new;
end
