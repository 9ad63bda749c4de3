//! What PostgreSQL itself says about privileges, memberships and policies, beside what was computed.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::Client;
use trust_schema::access::{Access, Action, Principal, PrincipalAccess, Rows};
use trust_schema::catalog::{Catalog, Id, Kind, Object};

/// The privileges that a kind of object knows, and the function that answers for them.
const ASKED: [(&[Kind], &str, &[Action]); 5] = [
    (&[Kind::Table, Kind::View], "has_table_privilege", RELATION),
    (&[Kind::Sequence], "has_sequence_privilege", &[Action::Usage, Action::Select, Action::Update]),
    (&[Kind::Function], "has_function_privilege", &[Action::Execute]),
    (&[Kind::Schema], "has_schema_privilege", &[Action::Usage, Action::Create]),
    (&[Kind::Enum, Kind::Domain, Kind::Composite], "has_type_privilege", &[Action::Usage]),
];
const RELATION: &[Action] = &[Action::Select, Action::Insert, Action::Update, Action::Delete, Action::Truncate, Action::References, Action::Trigger];
const COLUMN: &[Action] = &[Action::Select, Action::Insert, Action::Update, Action::References];

/// What is compared.
pub struct Compared<'a> {
    pub catalog: &'a Catalog,
    pub access: &'a Access,
    /// The name of the owner's role in the database, where its privileges are to be asked for.
    pub owner: Option<&'a str>,
    pub major: u32,
}

/// A question and its answer: who, what, how.
type Answer = (String, String, String);

impl Compared<'_> {
    /// The name under which a role is asked for.
    pub fn role<'n>(&'n self, principal: &'n Principal) -> Option<&'n str> {
        match principal {
            Principal::Public => Some("public"),
            Principal::Owner => self.owner,
            Principal::Role(name) => Some(name),
        }
    }

    pub fn known(&self) -> impl Iterator<Item = (&str, &PrincipalAccess)> {
        self.access.principals.iter().filter_map(|known| Some((self.role(&known.principal)?, known)))
    }

    /// Everything that can be granted, sequences of identity columns too, but for what raw SQL alters: that is told not to be computed.
    pub fn objects(&self) -> BTreeSet<Id> {
        let altered: BTreeSet<&Id> =
            self.catalog.objects().filter_map(|object| if let Object::Raw(raw) = object { Some(&raw.alters) } else { None }).flatten().collect();
        let mut objects = BTreeSet::new();
        for (id, entry) in self.catalog.iter() {
            if let Object::Column(column) = &entry.object {
                objects.extend(column.identity_sequence.as_ref().map(|sequence| Id::of(Kind::Sequence, sequence)));
            }
            if ASKED.iter().any(|(kinds, _, _)| kinds.contains(&id.kind())) && !altered.contains(id) {
                objects.insert(id.clone());
            }
        }
        objects
    }

    /// The columns of a table or view.
    pub fn columns(&self, relation: &Id) -> Vec<String> {
        match self.catalog.get(relation) {
            Some(Object::View(view)) => view.columns.iter().map(|(name, _)| name.clone()).collect(),
            _ => {
                let columns = self.catalog.objects().filter_map(|object| if let Object::Column(column) = object { Some(column) } else { None });
                columns.filter(|column| Id::of(Kind::Table, &column.table) == *relation).map(|column| column.name.clone()).collect()
            }
        }
    }

    /// Every answer that differs from what was computed. The client must be a superuser.
    pub async fn disagreements(&self, client: &Client) -> (usize, Vec<String>) {
        let mut wrong = Vec::new();
        let mut asked = self.privileges(client, &mut wrong).await;
        asked += self.column_privileges(client, &mut wrong).await;
        asked += self.memberships(client, &mut wrong).await;
        asked += self.policies(client, &mut wrong).await;
        (asked, wrong)
    }

    async fn privileges(&self, client: &Client, wrong: &mut Vec<String>) -> usize {
        let roles: Vec<&str> = self.known().map(|(role, _)| role).collect();
        let objects = self.objects();
        let mut asked = 0;
        for (kinds, function, actions) in ASKED {
            let mut actions = actions.to_vec();
            if function == "has_table_privilege" && self.major >= 17 {
                actions.push(Action::Maintain);
            }
            let objects: Vec<&Id> = objects.iter().filter(|id| kinds.contains(&id.kind())).collect();
            // A schema is named as it is, everything else as SQL names it.
            let named: BTreeMap<String, &Id> = objects
                .iter()
                .map(|id| match self.catalog.get(id) {
                    Some(Object::Schema(schema)) => (schema.name.clone(), *id),
                    _ => (id.name().to_owned(), *id),
                })
                .collect();
            let names: Vec<&str> = named.keys().map(String::as_str).collect();
            for suffix in ["", " WITH GRANT OPTION"] {
                // PUBLIC is granted nothing to pass on, and PostgreSQL does not let one ask.
                let roles: Vec<&str> = roles.iter().copied().filter(|role| suffix.is_empty() || *role != "public").collect();
                let words: Vec<String> = actions.iter().map(|action| format!("{}{suffix}", action.word())).collect();
                let sql = format!(
                    "select r, o, p from unnest($1::text[]) r, unnest($2::text[]) o, unnest($3::text[]) p where pg_catalog.{function}(r::name, o, p)"
                );
                let rows = client.query(&sql, &[&roles, &names, &words]).await.unwrap_or_else(|error| panic!("{function}: {error:?}"));
                let server: BTreeSet<Answer> = rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
                let mut computed = BTreeSet::new();
                for (role, known) in self.known().filter(|(role, _)| roles.contains(role)) {
                    for (name, id) in &named {
                        for (action, word) in actions.iter().zip(&words) {
                            let owns = known.principal == Principal::Owner;
                            let right = known.right(id, *action).filter(|right| right.columns.is_none());
                            if owns || right.is_some_and(|right| suffix.is_empty() || right.grantable) {
                                computed.insert((role.to_owned(), name.clone(), word.clone()));
                            }
                        }
                    }
                }
                asked += roles.len() * names.len() * words.len();
                tell(&server, &computed, wrong);
            }
        }
        asked
    }

    async fn column_privileges(&self, client: &Client, wrong: &mut Vec<String>) -> usize {
        let roles: Vec<&str> = self.known().map(|(role, _)| role).collect();
        let (mut relations, mut columns) = (Vec::new(), Vec::new());
        let objects = self.objects();
        let parts: Vec<(&Id, String)> = objects
            .iter()
            .filter(|id| matches!(id.kind(), Kind::Table | Kind::View))
            .flat_map(|id| self.columns(id).into_iter().map(move |column| (id, column)))
            .collect();
        for (id, column) in &parts {
            relations.push(id.name());
            columns.push(column.as_str());
        }
        let words: Vec<&str> = COLUMN.iter().map(|action| action.word()).collect();
        let sql = "select r, o || ' ' || c, p from unnest($1::text[]) r, unnest($2::text[], $3::text[]) u (o, c), unnest($4::text[]) p \
                   where pg_catalog.has_column_privilege(r::name, o, c, p)";
        let rows = client.query(sql, &[&roles, &relations, &columns, &words]).await.unwrap_or_else(|error| panic!("columns: {error:?}"));
        let server: BTreeSet<Answer> = rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
        let mut computed = BTreeSet::new();
        for (role, known) in self.known() {
            for (id, column) in &parts {
                for action in COLUMN {
                    let covers = known.right(id, *action).is_some_and(|right| right.columns.as_ref().is_none_or(|columns| columns.contains(column)));
                    if known.principal == Principal::Owner || covers {
                        computed.insert((role.to_owned(), format!("{} {column}", id.name()), action.word().to_owned()));
                    }
                }
            }
        }
        tell(&server, &computed, wrong);
        roles.len() * parts.len() * COLUMN.len()
    }

    async fn memberships(&self, client: &Client, wrong: &mut Vec<String>) -> usize {
        let roles: Vec<&str> = self.known().map(|(role, _)| role).filter(|role| *role != "public").collect();
        let become_word = if self.major >= 16 { "SET" } else { "MEMBER" };
        let sql =
            "select a, b, k from unnest($1::text[]) a, unnest($1::text[]) b, unnest($2::text[]) k where a <> b and pg_has_role(a::name, b::name, k)";
        let rows = client.query(sql, &[&roles, &vec!["USAGE", become_word]]).await.unwrap_or_else(|error| panic!("memberships: {error:?}"));
        let server: BTreeSet<Answer> = rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
        let mut computed = BTreeSet::new();
        for (role, known) in self.known() {
            for (word, paths) in [("USAGE", &known.inherits), (become_word, &known.may_become)] {
                let asked = paths.keys().filter(|other| roles.contains(&other.as_str()));
                computed.extend(asked.map(|other| (role.to_owned(), other.clone(), word.to_owned())));
            }
        }
        tell(&server, &computed, wrong);
        roles.len() * roles.len() * 2
    }

    /// Whether row-level security applies, asked as each role, and which policies then do.
    async fn policies(&self, client: &Client, wrong: &mut Vec<String>) -> usize {
        let mut asked = 0;
        let objects = self.objects();
        let tables: Vec<&Id> = objects.iter().filter(|id| id.kind() == Kind::Table).collect();
        let names: Vec<&str> = tables.iter().map(|id| id.name()).collect();
        let sql = "
            select c.oid, t.name, coalesce(jsonb_agg(jsonb_build_array(p.polname, p.polcmd, p.polpermissive)) filter (where p.oid is not null), '[]')::text
              from unnest($2::text[]) t (name) join pg_class c on c.oid = t.name::regclass
              left join pg_policy p on p.polrelid = c.oid
                   and exists (select from unnest(p.polroles) r where r = 0 or pg_has_role($1::name, r, 'USAGE'))
             group by 1, 2";
        for (role, known) in self.known().filter(|(role, _)| *role != "public") {
            let applying = client.query(sql, &[&role, &names]).await.unwrap_or_else(|error| panic!("policies: {error:?}"));
            let ids: Vec<u32> = applying.iter().map(|row| row.get(0)).collect();
            let quoted = format!("\"{}\"", role.replace('"', "\"\""));
            client.batch_execute(&format!("set role {quoted}")).await.unwrap_or_else(|error| panic!("{role}: {error:?}"));
            let active = client.query("select o, row_security_active(o) from unnest($1::oid[]) o", &[&ids]).await;
            client.batch_execute("reset role").await.unwrap();
            let active: BTreeMap<u32, bool> = active.unwrap().iter().map(|row| (row.get(0), row.get(1))).collect();
            for row in &applying {
                let name: String = row.get(1);
                let policies: Vec<(String, String, bool)> = serde_json::from_str(row.get(2)).unwrap();
                let Some(id) = tables.iter().find(|id| id.name() == name) else { continue };
                for (action, letter) in [(Action::Select, "r"), (Action::Insert, "a"), (Action::Update, "w"), (Action::Delete, "d")] {
                    let computed = match known.right(id, action) {
                        Some(right) => right.rows.clone(),
                        None if known.principal == Principal::Owner => Some(Rows::All),
                        None => continue,
                    };
                    asked += 1;
                    let of = |permissive: bool| -> BTreeSet<String> {
                        let matching = policies.iter().filter(|(_, command, kind)| (command == "*" || command == letter) && *kind == permissive);
                        matching.map(|(name, _, _)| name.clone()).collect()
                    };
                    let (permissive, restrictive) = (of(true), of(false));
                    let server = match (active.get(&row.get::<_, u32>(0)), permissive.is_empty()) {
                        (Some(false), _) => Rows::All,
                        (_, true) => Rows::None,
                        _ => Rows::Policies { permissive, restrictive },
                    };
                    if computed.as_ref() != Some(&server) {
                        wrong.push(format!("{role} {} {name}: PostgreSQL says {server:?}, computed is {computed:?}", action.word()));
                    }
                }
            }
        }
        asked
    }
}

fn tell(server: &BTreeSet<Answer>, computed: &BTreeSet<Answer>, wrong: &mut Vec<String>) {
    for (who, what, how) in server.difference(computed) {
        wrong.push(format!("{who} has {how} on {what} in PostgreSQL, and not as computed"));
    }
    for (who, what, how) in computed.difference(server) {
        wrong.push(format!("{who} has {how} on {what} as computed, and not in PostgreSQL"));
    }
}
