begin
  return case
    when p_score >= 80 then 'A'
    when p_score >= 50 then 'B'
    when p_score >= 25 then 'C'
    else 'D'
  end::public.risk_tier;
end
