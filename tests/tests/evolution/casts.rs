//! Which casts there are, as the compiler has them and as PostgreSQL does.

use std::collections::BTreeSet;

use tests::postgres::{majors, plain_database};
use trust_schema::sql::casts;

const CASTS: &str = "select format_type(c.castsource, null), format_type(c.casttarget, null)
    from pg_cast c join pg_type s on s.oid = c.castsource join pg_type t on t.oid = c.casttarget
    where s.typtype in ('b', 'r', 'm') and t.typtype in ('b', 'r', 'm') and c.castsource <> c.casttarget
      and s.typcategory <> 'S' and t.typcategory <> 'S' and s.oid <> '\"char\"'::regtype and t.oid <> '\"char\"'::regtype
      and s.typname not like 'reg%' and t.typname not like 'reg%' and s.typname not like 'pg\\_%' and t.typname not like 'pg\\_%'
      and s.oid <> 'xml'::regtype and t.oid <> 'xml'::regtype";

#[tokio::test]
async fn no_cast_is_known_that_postgresql_has_not() {
    let known: BTreeSet<(String, String)> = casts::all().map(|(source, target)| (source.to_owned(), target.to_owned())).collect();
    for &major in majors() {
        let scratch = plain_database(major).await;
        let client = scratch.connect().await.expect("a connection");
        let there: BTreeSet<(String, String)> =
            client.query(CASTS, &[]).await.expect("the casts").iter().map(|row| (row.get(0), row.get(1))).collect();
        let missing: Vec<_> = known.difference(&there).collect();
        assert!(missing.is_empty(), "PostgreSQL {major} has not {missing:?}");
        // Later versions have more: whoever uses them says `using`.
        let more: Vec<_> = there.difference(&known).collect();
        assert!(major > 15 || more.is_empty(), "PostgreSQL {major} has besides {more:?}");
    }
}
