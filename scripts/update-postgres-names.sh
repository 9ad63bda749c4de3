#!/bin/sh
# Writes the name lists of trust-schema/src/sql/data/ from running PostgreSQL servers.
#
# usage: scripts/update-postgres-names.sh CONNECTION...
#
# Give one libpq connection string for each supported major version, oldest first, e.g.
#   scripts/update-postgres-names.sh 'host=/tmp/pg15 user=postgres' 'host=/tmp/pg18 user=postgres'
# Each list is the union over the servers, sorted by byte:
#   keywords.txt   word category [first version]   category: U unreserved, C column name, T type or function name, R reserved;
#                                     when versions differ, the most restrictive one
#   functions.txt  name kinds counts  kinds: f function, a aggregate, w window function, p procedure, s returns a set;
#                                     counts: ranges of accepted argument counts, `2`, `1-3` or `1-*` (variadic)
#   types.txt      name kind          kind: b base, c composite (the row type of a catalog relation), d domain, e enum,
#                                     p pseudo, r range, m multirange, a array
set -eu
[ $# -gt 0 ] || { sed -n '2,16p' "$0"; exit 2; }
cd "$(dirname "$0")/../trust-schema/src/sql/data"
export LC_ALL=C
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for connection in "$@"; do
    query() { psql -X -A -t -F ' ' -d "$connection" -c "$1"; }
    query "select word, case catcode when 'U' then 0 when 'C' then 1 when 'T' then 2 else 3 end,
                  current_setting('server_version_num')::int / 10000
           from pg_get_keywords()" >>"$work/keywords"
    query "select p.proname,
                  case p.prokind when 'f' then case when p.proretset then 's' else 'f' end else p.prokind::text end,
                  case when a.aggkind in ('o', 'h') then a.aggnumdirectargs else p.pronargs - p.pronargdefaults end,
                  case when a.aggkind = 'h' then '*' when a.aggkind = 'o' then a.aggnumdirectargs::text
                       when p.provariadic <> 0 then '*' else p.pronargs::text end
           from pg_proc p left join pg_aggregate a on a.aggfnoid = p.oid
           where p.pronamespace = 'pg_catalog'::regnamespace" >>"$work/functions"
    query "select t.typname, case when e.oid is null then t.typtype::text else 'a' end
           from pg_type t left join pg_type e on e.typarray = t.oid
           where t.typnamespace = 'pg_catalog'::regnamespace" >>"$work/types"
done
awk '{ if (!($1 in c) || $2 > c[$1]) c[$1] = $2; if (!($1 in v) || $3 < v[$1]) v[$1] = $3; if (oldest == "" || $3 < oldest) oldest = $3 }
     END { split("U C T R", n, " "); for (w in c) print w, n[c[w] + 1] (v[w] > oldest ? " " v[w] : "") }' "$work/keywords" | sort >keywords.txt
sort -u "$work/functions" | awk '
    { if (index(k[$1], $2) == 0) k[$1] = k[$1] $2
      r = $3 == $4 ? $3 : $3 "-" $4
      if (index("," c[$1] ",", "," r ",") == 0) c[$1] = c[$1] (c[$1] == "" ? "" : ",") r }
    END { for (w in k) print w, k[w], c[w] }' | sort >functions.txt
sort -u "$work/types" >types.txt
wc -l keywords.txt functions.txt types.txt
