//! What really happens when each role tries: every attempt is made as the role, and undone.

use tokio_postgres::Client;
use trust_schema::access::{Action, Principal, PrincipalAccess, Right};
use trust_schema::catalog::{Id, Kind, Object};
use trust_schema::sql::identifier::quote;

use crate::oracle::Compared;

/// Runs a statement and undoes it; returns how many rows it met, or what the server said.
const PROBE: &str = "
    create schema access_probe;
    grant usage on schema access_probe to public;
    create function access_probe.attempt(statement text) returns text language plpgsql as $probe$
    declare met bigint;
    begin
      execute statement;
      get diagnostics met = row_count;
      raise exception '%', met using errcode = 'ZZ000';
    exception
      when sqlstate 'ZZ000' then return 'ok ' || sqlerrm;
      when others then return sqlstate || ' ' || sqlerrm;
    end $probe$;
    grant execute on function access_probe.attempt(text) to public;";

/// Makes the function for attempts. In a transaction, or in a database of its own.
pub async fn prepare(client: &Client) {
    client.batch_execute(PROBE).await.unwrap_or_else(|error| panic!("{error:?}"));
}

/// What became of statements, each tried as a role.
pub async fn outcomes(client: &Client, role: &str, statements: &[String]) -> Vec<String> {
    client.batch_execute(&format!("set role {}", quote(role))).await.unwrap_or_else(|error| panic!("{role}: {error:?}"));
    let rows =
        client.query("select access_probe.attempt(s) from unnest($1::text[]) with ordinality u (s, place) order by place", &[&statements]).await;
    client.batch_execute("reset role").await.unwrap();
    rows.unwrap_or_else(|error| panic!("{role}: {error:?}")).iter().map(|row| row.get(0)).collect()
}

/// Whether the server refused for want of a privilege. A policy refuses in other words.
pub fn denied(outcome: &str) -> bool {
    outcome.starts_with("42501 permission denied for")
}

/// Whether a right is enough for a statement that names these columns, or any one where it names none.
pub fn suffices(right: Option<&Right>, columns: &[&str]) -> bool {
    right.is_some_and(|right| {
        let covers = right.columns.as_ref().is_none_or(|held| columns.iter().all(|column| held.contains(*column)));
        covers && !right.out_of_reach && right.lacks.is_empty()
    })
}

/// A statement, what it is, and whether it should be let through.
struct Try {
    statement: String,
    allowed: bool,
}

impl Compared<'_> {
    /// Every attempt that ended other than computed. The client must be a superuser, and `prepare` must have run.
    pub async fn failed_attempts(&self, client: &Client) -> (usize, Vec<String>) {
        let (mut wrong, mut count) = (Vec::new(), 0);
        for (role, known) in self.known().filter(|(role, _)| *role != "public") {
            let tries: Vec<Try> = self.objects().iter().flat_map(|id| self.tries(known, id)).collect();
            let statements: Vec<String> = tries.iter().map(|attempt| attempt.statement.clone()).collect();
            count += statements.len();
            for (attempt, outcome) in tries.iter().zip(outcomes(client, role, &statements).await) {
                if denied(&outcome) == attempt.allowed {
                    let computed = if attempt.allowed { "allowed" } else { "denied" };
                    wrong.push(format!("{role}: {}: computed is {computed}; PostgreSQL said {outcome}", attempt.statement));
                }
            }
        }
        (count, wrong)
    }

    fn tries(&self, known: &PrincipalAccess, id: &Id) -> Vec<Try> {
        let owns = known.principal == Principal::Owner;
        let may = |action, columns: &[&str]| owns || suffices(known.right(id, action), columns);
        let name = id.name();
        let mut tries = Vec::new();
        let mut attempt = |statement: String, allowed: bool| tries.push(Try { statement, allowed });
        match self.catalog.get(id) {
            Some(Object::Table(_)) => {
                attempt(format!("explain select 1 from {name}"), may(Action::Select, &[]));
                attempt(format!("explain insert into {name} default values"), may(Action::Insert, &[]));
                attempt(format!("explain delete from {name}"), may(Action::Delete, &[]));
                for column in self.columns(id) {
                    let quoted = quote(&column);
                    attempt(format!("explain select {quoted} from {name}"), may(Action::Select, &[&column]));
                    attempt(format!("explain update {name} set {quoted} = default"), may(Action::Update, &[&column]));
                }
                if !may(Action::Truncate, &[]) {
                    attempt(format!("truncate {name}"), false);
                }
            }
            Some(Object::View(_)) => attempt(format!("explain select 1 from {name}"), may(Action::Select, &[])),
            Some(Object::Function(function)) => {
                let arguments: Vec<String> = function.arguments.iter().map(|argument| format!("(select null::{})", argument.data_type)).collect();
                attempt(format!("explain select {}({})", function.name, arguments.join(", ")), may(Action::Execute, &[]));
            }
            // Sequences behind identity columns are no objects of the Catalog.
            _ if id.kind() == Kind::Sequence => {
                let text = name.replace('\'', "''");
                attempt(format!("explain select last_value from {name}"), may(Action::Select, &[]));
                attempt(format!("select setval('{text}', 1)"), may(Action::Update, &[]));
                attempt(format!("select nextval('{text}')"), may(Action::Usage, &[]) || may(Action::Update, &[]));
            }
            _ => {}
        }
        tries
    }
}
