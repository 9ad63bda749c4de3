create table public.employees (
  id uuid primary key references auth.users on delete cascade,
  name text not null,
  salary numeric(12, 2) not null
);
alter table public.employees enable row level security;
create policy "own row" on public.employees for select to authenticated using (id = (select auth.uid()));

create view public.payroll as
  select e.name, e.salary, u.email
  from public.employees e join auth.users u on u.id = e.id;

create view public.my_pay with (security_invoker = true) as
  select name, salary from public.employees;
