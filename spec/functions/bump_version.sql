begin
  new.version := old.version + 1;
  return new;
end
