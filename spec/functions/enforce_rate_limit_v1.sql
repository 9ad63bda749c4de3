begin
  return trust_private.consume_rate_limit(p_action, p_actor_type, p_actor_id, p_cost);
end
