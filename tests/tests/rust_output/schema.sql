create schema sales;

create type sales."Order Status" as enum ('new', 'in progress', 'done');
create domain sales.positive as integer check (value > 0);
create type sales.address as (street text, "number" sales.positive, status sales."Order Status", note text);

create table sales.everything (
    id          uuid primary key default gen_random_uuid(),
    flag        boolean not null,
    small       smallint not null,
    middle      integer not null,
    big         bigint not null,
    single      real not null,
    "double"    double precision not null,
    amount      numeric(12, 4) not null,
    title       text not null,
    code        varchar(10) not null,
    at          timestamptz not null,
    local       timestamp not null,
    day         date not null,
    clock       time not null,
    span        interval not null,
    document    jsonb not null,
    plain       json not null,
    content     bytea not null,
    host        inet not null,
    network     cidr not null,
    tags        text[] not null,
    status      sales."Order Status" not null,
    history     sales."Order Status"[] not null,
    address     sales.address not null,
    addresses   sales.address[] not null,
    quantity    sales.positive not null,
    quantities  sales.positive[] not null,
    words       tsvector not null,
    ranges      int4range[] not null,
    "type"      text,
    cost        numeric,
    closed_at   timestamptz,
    previous    sales."Order Status",
    billing     sales.address
);

create table sales.notes (note text not null);

create function sales.remember(p_note text) returns void language sql as
$$ insert into sales.notes (note) values (p_note) $$;

create function sales.add(p_left integer, p_right integer default 10, p_note text default 'none')
returns text language sql as $$ select (p_left + p_right) || ' ' || coalesce(p_note, 'null') $$;

create function sales.defaults(p_status sales."Order Status" default 'done', p_quantity sales.positive default 7)
returns text language sql as $$ select p_status || ' ' || p_quantity $$;

create function sales.count_to(p_last bigint) returns setof bigint language sql as $$ select generate_series(1, p_last) $$;

create function sales.quantities() returns setof sales.positive language sql as
$$ select n::sales.positive from generate_series(1, 3) n $$;

create function sales.history(p_status sales."Order Status", p_limit integer default 2)
returns table ("position" integer, status sales."Order Status", words tsvector, note text) language sql as
$$ select n, p_status, to_tsvector('simple', 'word ' || n), case when n > 1 then 'n' || n end
   from generate_series(1, p_limit) n $$;

create function sales.totals() returns table (orders bigint, amount numeric) language sql as $$ select 3::bigint, 4.50 $$;

create function sales.move(p_address sales.address) returns sales.address language sql as
$$ select row('New ' || (p_address).street, (p_address)."number", (p_address).status, null)::sales.address $$;

create function sales.search(p_words tsvector, p_ranges int4range[]) returns tsvector language sql as
$$ select p_words || to_tsvector('simple', p_ranges::text) $$;

create function sales.nothing() returns integer language sql as $$ select null::integer $$;

create function sales."Odd ""Name"""("Order" integer, "select" text default 'x') returns text language sql as
$$ select "Order" || "select" $$;

create function sales.fail(p_how text) returns void language plpgsql as $$
begin
    case p_how
        when 'declared' then
            raise sqlstate 'PT409' using message = 'order_closed', detail = 'order 7', hint = 'open it';
        when 'bare' then
            raise sqlstate 'PT409' using message = 'order_closed';
        when 'other message' then
            raise sqlstate 'PT409' using message = 'order_open';
        when 'other sqlstate' then
            raise sqlstate 'PT404' using message = 'order_closed';
        else
            perform 1 / 0;
    end case;
end
$$;
