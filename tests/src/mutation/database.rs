//! Mutants on a real server: the system as it is, with rows and a life behind it, is copied for each, changed, smoke-tested, attacked and asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use trust_schema::catalog::{Catalog, Id, Object, QualifiedName};
use trust_schema::kinds::project;
use trust_schema::live::attack::{Answer, Attempt, Focus, Ground, Options, Verdict, against, answers, forms_against, twins_against};
use trust_schema::live::server::{Cluster, Platform, Regime, Scratch};
use trust_schema::operations::Tenancy;
use trust_schema::sql::identifier::quote;

use super::delta::{Delta, delta};
use super::system::{Stage, System};

/// Two pairs of random sequences for each mutant.
const OPTIONS: Options = Options { regime: None, sequences: 2, seed: 1 };

/// A system on a server.
pub struct Bench<'s> {
    system: &'s System,
    cluster: Arc<Cluster>,
    original: Scratch,
    ground: Ground,
    /// What the system answers as it is, twice the same.
    answered: BTreeMap<Asked, String>,
    /// Smoke tests that pass.
    smoke: Vec<(String, String)>,
    /// What leaks already: specs that show every key are no model of isolation, and do not say what a tenant is.
    leaks: Leaks,
}

fn told<E: std::fmt::Display>(error: E) -> String {
    error.to_string()
}

impl<'s> Bench<'s> {
    /// None where the system has no table: there is nothing to get at.
    ///
    /// # Errors
    /// What the server said.
    pub async fn new(system: &'s System, cluster: Arc<Cluster>) -> Result<Option<Bench<'s>>, String> {
        let resolution = &system.resolution;
        if system.tables.is_empty() {
            return Ok(None);
        }
        let tenancy = resolution.operations.tenancy.clone().unwrap_or_else(of_users_alone);
        let platform = platform(system, Regime::Hardened);
        let original = cluster.scratch(platform, &roles(system)).await.map_err(told)?;
        {
            let deployer = original.connect().await.map_err(told)?;
            for (path, sql) in system.outputs.iter().filter(|(path, _)| path.starts_with("migrations/")) {
                crate::compile::apply(&deployer, path, sql).await.map_err(|failure| failure.message)?;
            }
        }
        let ground = Ground::prepare(platform, &original, resolution, &tenancy).await.map_err(told)?;
        let mut bench = Bench { system, cluster, original, ground, answered: BTreeMap::new(), smoke: Vec::new(), leaks: BTreeSet::new() };
        settle(&bench.original).await?;
        if resolution.operations.tenancy.is_none() {
            bench.leaks = bench.attack_original().await?;
        }
        let first = bench.ask_original().await?;
        let second = bench.ask_original().await?;
        bench.answered = first.into_iter().filter(|(asked, answer)| second.get(asked) == Some(answer)).collect();
        let copy = bench.cluster.copy(&bench.original).await.map_err(told)?;
        for (path, sql) in system.outputs.iter().filter(|(path, _)| path.starts_with("verification/smoke/")) {
            if smoke(&copy, sql).await? {
                bench.smoke.push((path.to_owned(), sql.to_owned()));
            }
        }
        Ok(Some(bench))
    }

    /// How many answers are compared, and how many smoke tests are run.
    pub fn size(&self) -> (usize, usize) {
        (self.answered.len(), self.smoke.len())
    }

    async fn attack_original(&self) -> Result<Leaks, String> {
        let copy = self.cluster.copy(&self.original).await.map_err(told)?;
        let (attempts, _) = against(&self.ground, &copy, &self.system.resolution, &Focus::everything(), OPTIONS).await.map_err(told)?;
        Ok(leaks(&attempts))
    }

    async fn ask_original(&self) -> Result<BTreeMap<Asked, String>, String> {
        let copy = self.cluster.copy(&self.original).await.map_err(told)?;
        let answers = answers(&self.ground, &copy, &self.system.resolution, &Focus::everything()).await.map_err(told)?;
        Ok(answers.into_iter().map(keyed).collect())
    }

    /// What a server tells of a mutant.
    ///
    /// # Errors
    /// Where a query of ours fails.
    pub async fn try_out(&self, changed: &Catalog) -> Result<(Stage, BTreeSet<String>), String> {
        let resolution = &self.system.resolution;
        let Delta { statements, concerned, touched, shadows } = match delta(resolution, changed) {
            Ok(delta) => delta,
            Err(why) => return Ok((Stage::NotTried, BTreeSet::from([why]))),
        };
        if statements.is_empty() {
            return Ok((Stage::Same, BTreeSet::from(["it changes nothing that the server holds".to_owned()])));
        }
        let copy = self.cluster.copy(&self.original).await.map_err(told)?;
        {
            let deployer = copy.connect().await.map_err(told)?;
            let script = format!("begin; {} commit;", statements.join("\n"));
            limit(&copy).await?;
            if let Err(error) = deployer.batch_execute(&script).await {
                let message = error.as_db_error().map_or_else(|| error.to_string(), |said| said.message().to_owned());
                return Ok((Stage::Refused, BTreeSet::from([format!("PostgreSQL: {}", without_names(&message))])));
            }
        }
        for (path, sql) in &self.smoke {
            if !smoke(&copy, sql).await? {
                return Ok((Stage::Smoke, BTreeSet::from([path.clone()])));
            }
        }
        // A loop that nothing leaves any more would be tried a thousand times.
        let itself = Focus::on(touched.clone()).without_shadows();
        let asked = answers(&self.ground, &copy, resolution, &itself).await.map_err(told)?;
        if let Some(endless) = asked.last().filter(|last| last.is_endless) {
            return Ok((Stage::Answers, BTreeSet::from([format!("a call of {} does not end", endless.object)])));
        }
        // What changed itself comes first: the first leak, and the first answer that is sure, are enough.
        let (first, rest): (Vec<&Id>, Vec<&Id>) = concerned.iter().partition(|id| touched.contains(*id));
        let objects: Vec<&Id> = first.into_iter().chain(rest).collect();
        for object in &objects {
            let focus = Focus::on(BTreeSet::from([(*object).clone()]));
            let focus = if shadows { focus } else { focus.without_shadows() };
            // What differs from run to run is no leak.
            let leaks = self.leaks_of(&copy, &focus, false).await?;
            if leaks.is_empty() {
                continue;
            }
            let sure = forms(leaks.intersection(&self.leaks_of(&copy, &focus, false).await?));
            if !sure.is_empty() {
                return Ok((Stage::Attack, sure));
            }
        }
        let focus = Focus::on(concerned.clone());
        let leaks = self.leaks_of(&copy, &focus, true).await?;
        if !leaks.is_empty() {
            let sure = forms(leaks.intersection(&self.leaks_of(&copy, &focus, true).await?));
            if !sure.is_empty() {
                return Ok((Stage::Attack, sure));
            }
        }
        let other = self.other_answer(&copy, &objects).await?;
        copy.close().await.map_err(told)?;
        Ok(match other {
            Some(other) => (Stage::Answers, BTreeSet::from([other])),
            None => (Stage::Withstands, BTreeSet::new()),
        })
    }

    /// The leaks of a changed copy that the original does not have.
    async fn leaks_of(&self, copy: &Scratch, focus: &Focus, twins: bool) -> Result<Leaks, String> {
        let (ground, resolution) = (&self.ground, &self.system.resolution);
        let mut attempts = Vec::new();
        if twins {
            twins_against(ground, copy, resolution, focus, OPTIONS, &mut attempts).await.map_err(told)?;
        } else {
            attempts = forms_against(ground, copy, resolution, focus).await.map_err(told)?;
        }
        Ok(leaks(&attempts).difference(&self.leaks).cloned().collect())
    }

    /// An answer that is another one each time, where the original gives the same each time.
    async fn other_answer(&self, copy: &Scratch, objects: &[&Id]) -> Result<Option<String>, String> {
        let resolution = &self.system.resolution;
        let differing = |answers: Vec<Answer>| -> BTreeMap<Asked, String> {
            let known = |(asked, answer): &(Asked, String)| self.answered.get(asked).is_some_and(|known| known != answer);
            answers.into_iter().map(keyed).filter(known).collect()
        };
        for object in objects {
            let focus = Focus::on(BTreeSet::from([(*object).clone()]));
            let first = differing(answers(&self.ground, copy, resolution, &focus).await.map_err(told)?);
            if first.is_empty() {
                continue;
            }
            let second = differing(answers(&self.ground, copy, resolution, &focus).await.map_err(told)?);
            let sure: Vec<&Asked> = first.iter().filter(|(asked, answer)| second.get(*asked) == Some(answer)).map(|(asked, _)| asked).collect();
            if sure.is_empty() {
                continue;
            }
            let fresh = self.cluster.copy(&self.original).await.map_err(told)?;
            let original = differing(answers(&self.ground, &fresh, resolution, &focus).await.map_err(told)?);
            fresh.close().await.map_err(told)?;
            if let Some((object, identity, _)) = sure.into_iter().find(|asked| !original.contains_key(*asked)) {
                return Ok(Some(format!("{object} answers {identity} otherwise")));
            }
        }
        Ok(None)
    }
}

/// What was asked: of what, by whom, how.
type Asked = (Id, String, String);

/// Objects and forms.
type Leaks = BTreeSet<(String, String)>;

fn forms<'l>(leaks: impl Iterator<Item = &'l (String, String)>) -> BTreeSet<String> {
    leaks.map(|(_, form)| format!("attack: {form}")).collect()
}

/// The objects and forms of the leaks.
fn leaks(attempts: &[Attempt]) -> Leaks {
    let leaks = attempts.iter().filter(|attempt| matches!(attempt.verdict, Verdict::Leak(_)));
    leaks.map(|leak| (leak.object.clone(), leak.form.clone())).collect()
}

fn keyed(answer: Answer) -> (Asked, String) {
    ((answer.object, answer.identity, answer.statement), answer.answer)
}

/// What a tenant is where the spec does not say: nobody is one, and rows belong to users.
fn of_users_alone() -> Tenancy {
    Tenancy {
        tenants: QualifiedName::new("public", "tenants of nobody"),
        users: QualifiedName::new("auth", "users"),
        shared: Vec::new(),
        context: Vec::new(),
        floor: None,
        composite_keys: false,
        tenant_led_indexes: false,
        accepted: Vec::new(),
    }
}

/// Where a system runs.
pub fn platform(system: &System, regime: Regime) -> Platform {
    match system.resolution.project.platform {
        project::Platform::Supabase => Platform::Supabase(regime),
        project::Platform::Postgresql => Platform::Plain,
    }
}

/// The roles that it needs.
pub fn roles(system: &System) -> Vec<&str> {
    let roles =
        system.resolution.catalog.objects().filter_map(|object| if let Object::Role(role) = object { Some(role.name.as_str()) } else { None });
    roles.chain(system.resolution.project.api_roles.iter().map(String::as_str)).collect()
}

/// Statements of later sessions end after a while.
async fn limit(scratch: &Scratch) -> Result<(), String> {
    let administrator = scratch.connect_as_administrator().await.map_err(told)?;
    let limit = format!("alter database {} set statement_timeout = '10s'", quote(scratch.name()));
    administrator.batch_execute(&limit).await.map_err(told)
}

/// Whether a smoke test passes.
async fn smoke(scratch: &Scratch, sql: &str) -> Result<bool, String> {
    let deployer = scratch.connect().await.map_err(told)?;
    Ok(deployer.batch_execute(sql).await.is_ok())
}

/// A message without the names in it, so that alike ones are counted together.
fn without_names(message: &str) -> String {
    message.split('"').enumerate().map(|(place, part)| if place % 2 == 1 { "…" } else { part }).collect()
}

/// Waits until nobody is connected to a database that is to be copied.
async fn settle(scratch: &Scratch) -> Result<(), String> {
    let client = scratch.connect_as_administrator().await.map_err(told)?;
    let others = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
    for _ in 0..100 {
        let row = client.query_one(others, &[]).await.map_err(told)?;
        if row.get::<_, i64>(0) == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    drop(client);
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    Ok(())
}
