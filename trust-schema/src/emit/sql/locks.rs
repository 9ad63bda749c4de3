//! The locks of a rollback: all of them or none, so that it never waits for a session that waits for it.
//!
//! Dropping takes the strongest lock on one relation after the other. Where sessions are at work, one that uses the second and wants the first
//! would wait for ever: PostgreSQL ends one of the two with a deadlock, a caller or the rollback. So everything is locked first, in a
//! subtransaction that lets go of all of it after a short wait, and is tried again.

use std::collections::{BTreeSet, HashSet};

use crate::catalog::{Catalog, Id, Object};
use crate::kinds::Kind;
use crate::sql::comment::line_comment;
use crate::sql::quoted;

/// What a rollback locks, as statements.
#[derive(Default)]
pub struct Locks {
    /// Views and sequences, which `LOCK TABLE` does not lock alone. To give one to its owner takes the lock and changes nothing.
    owned: BTreeSet<String>,
    tables: BTreeSet<String>,
    /// Tables that only lose rows.
    written: BTreeSet<String>,
    /// Foreign keys to tables of others, which the owner of ours may not lock: they are dropped here.
    constraints: BTreeSet<String>,
    /// The objects of `constraints`.
    pub dropped: HashSet<Id>,
}

impl Locks {
    /// Those of dropping these objects.
    pub fn of_dropping<'i>(steps: impl Iterator<Item = &'i Id>, catalog: &Catalog) -> Locks {
        let mut locks = Locks::default();
        for id in steps {
            match catalog.get(id) {
                Some(Object::ForeignKey(key)) => {
                    locks.tables.insert(key.table.to_string());
                    if catalog.contains(&Id::of(Kind::Table, &key.references)) {
                        locks.tables.insert(key.references.to_string());
                    } else {
                        let name = crate::sql::identifier::quote(&key.name);
                        locks.constraints.insert(format!("ALTER TABLE {} DROP CONSTRAINT {name}", key.table));
                        locks.dropped.insert(id.clone());
                    }
                }
                Some(Object::Seed(seed)) => {
                    locks.written.insert(seed.table.to_string());
                }
                Some(Object::Grant(_) | Object::Comment(_)) | None => {}
                Some(object) => {
                    locks.relation(id);
                    object.parents().iter().for_each(|parent| locks.relation(parent));
                }
            }
        }
        locks
    }

    /// Those of emptying these tables.
    pub fn of_emptying(tables: &[Id]) -> Locks {
        let mut locks = Locks::default();
        tables.iter().for_each(|table| locks.relation(table));
        locks
    }

    fn relation(&mut self, id: &Id) {
        match id.kind() {
            Kind::Table => self.tables.insert(id.name().to_owned()),
            Kind::View => self.owned.insert(format!("ALTER VIEW {} OWNER TO CURRENT_USER", id.name())),
            Kind::Sequence => self.owned.insert(format!("ALTER SEQUENCE {} OWNER TO CURRENT_USER", id.name())),
            _ => false,
        };
    }

    /// The block that takes them; empty where there are none.
    pub fn block(&self) -> String {
        let exclusive = self.tables.iter().map(|table| format!("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"));
        let written = self.written.difference(&self.tables).map(|table| format!("LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE"));
        let steps: Vec<String> = self.owned.iter().cloned().chain(written).chain(exclusive).chain(self.constraints.iter().cloned()).collect();
        if steps.is_empty() {
            return String::new();
        }
        let steps = steps.iter().map(|step| format!("    {}", quoted::quoted(step))).collect::<Vec<_>>().join(",\n");
        let head: String = HEAD.iter().map(|line| format!("{}\n", line_comment(line))).collect();
        let body = BODY.replace("STEPS", &steps);
        format!("\n{head}DO {};\n", quoted::dollar_quoted(&body, "locks"))
    }
}

const HEAD: [&str; 3] = [
    "All locks first: all of them within a moment, or none and once more, for a minute. So this file never waits for a session that waits for it",
    "(a deadlock), and other sessions wait for it no longer than half of deadlock_timeout. Where a table is in use all the time, it fails with",
    "SQLSTATE 55P03 and has changed nothing: run it again.",
];

const BODY: &str = "
DECLARE
  v_steps constant text[] := ARRAY[
STEPS
  ];
  v_step text;
  v_before constant text := pg_catalog.current_setting('lock_timeout');
  v_longest constant double precision := extract(epoch FROM pg_catalog.current_setting('deadlock_timeout')::interval) * 500;
  v_last constant timestamptz := pg_catalog.clock_timestamp() + interval '60 seconds';
  v_end timestamptz;
  v_attempt integer := 0;
BEGIN
  LOOP
    BEGIN
      v_end := pg_catalog.clock_timestamp() + least(20 * 2 ^ (v_attempt % 6), v_longest) * interval '1 millisecond';
      FOREACH v_step IN ARRAY v_steps LOOP
        PERFORM pg_catalog.set_config('lock_timeout',
          greatest(1, ceil(extract(epoch FROM v_end - pg_catalog.clock_timestamp()) * 1000))::text, true);
        EXECUTE v_step;
      END LOOP;
      PERFORM pg_catalog.set_config('lock_timeout', v_before, true);
      RETURN;
    EXCEPTION WHEN lock_not_available THEN
      IF pg_catalog.clock_timestamp() > v_last THEN
        RAISE EXCEPTION USING ERRCODE = 'lock_not_available',
          MESSAGE = 'the tables were in use for a minute; nothing was changed',
          DETAIL = v_step,
          HINT = 'pg_stat_activity shows the sessions with long transactions; run the file again.';
      END IF;
    END;
    v_attempt := v_attempt + 1;
    PERFORM pg_catalog.pg_sleep(pg_catalog.random() * 0.05);
  END LOOP;
END
";
