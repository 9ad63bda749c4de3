-- The same value becomes two moments; with AT TIME ZONE it is one.
create table claim.times (a timestamp, b timestamp, c timestamp);
insert into claim.times values ('2026-07-01 12:00', '2026-07-01 12:00', '2026-07-01 12:00');
set local timezone = 'UTC';
alter table claim.times alter column a type timestamptz;
set local timezone = 'Asia/Tokyo';
alter table claim.times alter column b type timestamptz, alter column c type timestamptz using c at time zone 'UTC';
select a <> b and a = c from claim.times;
