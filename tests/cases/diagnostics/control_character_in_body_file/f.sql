begin
  perform 'ab';
end
