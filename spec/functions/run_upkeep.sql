begin
  insert into trust_private.transaction_samples (sampled_at, committed, rolled_back)
  select now(), d.xact_commit, d.xact_rollback
  from pg_stat_database as d
  where d.datname = current_database()
  on conflict (sampled_at) do nothing;

  perform trust_private.purge_transaction_samples();
  perform trust_private.purge_rate_limit_counters();
end
