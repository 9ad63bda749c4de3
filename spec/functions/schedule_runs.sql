begin
  if to_regclass('cron.job') is null or to_regclass('cron.job_run_details') is null then
    return;
  end if;
  -- As text: without pg_cron its tables do not exist. Its log has an index on its key alone and is never purged: the last runs are enough.
  return query execute $query$
    with recent as materialized (
      select d.jobid, d.status, d.start_time, d.end_time
      from cron.job_run_details as d
      where d.runid > (select max(l.runid) from cron.job_run_details as l) - 5000
    )
    select
      j.jobname::text,
      j.active,
      (select max(r.start_time) from recent as r where r.jobid = j.jobid),
      (select max(r.end_time) from recent as r where r.jobid = j.jobid and r.status = 'succeeded'),
      (select count(*) from recent as r where r.jobid = j.jobid and r.status = 'failed' and r.start_time > now() - interval '1 day')
    from cron.job as j
    where j.username = current_user and j.database = current_database()
  $query$;
end
