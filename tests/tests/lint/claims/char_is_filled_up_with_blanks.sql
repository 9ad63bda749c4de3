-- Values are padded, and blanks at the end do not count.
create table public.t (code char(5));
insert into public.t values ('ab');
select (select octet_length(code) = 5 and code = 'ab   ' and code = 'ab' from public.t);
