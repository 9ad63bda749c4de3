//! Where the attack takes place, and how one attempt is judged.

use super::ground::Focus;
use super::identity::Identity;
use super::session::{Outcome, Session};
use super::tables::Tables;
use super::verdict::{Attempt, Verdict};
use super::world::{Controls, Side, World};
use crate::live::Error;
use crate::live::server::{Platform, Scratch};
use crate::resolve::Resolution;

/// Where the attack takes place.
pub struct Field<'a> {
    pub scratch: &'a Scratch,
    pub platform: Platform,
    pub session: Session,
    pub tables: &'a Tables,
    pub world: &'a World,
    pub resolution: &'a Resolution,
    pub controls: &'a Controls,
    pub operator: Identity,
    /// Statements that set every sequence back to where it was: a rollback does not.
    pub sequences: &'a str,
    pub focus: &'a Focus,
}

/// What was tried by whom.
pub struct Try<'t> {
    pub identity: &'t Identity,
    pub form: &'t str,
    pub object: &'t str,
    pub statement: &'t str,
}

impl Try<'_> {
    pub fn end(&self, verdict: Verdict, outcome: &Outcome) -> Attempt {
        let said = outcome.error.as_ref().map(|said| format!("{} ({})", said.message, said.sqlstate)).unwrap_or_default();
        Attempt {
            identity: self.identity.name.clone(),
            form: self.form.to_owned(),
            object: self.object.to_owned(),
            statement: self.statement.to_owned(),
            verdict,
            said,
        }
    }
}

/// One statement for each sequence.
pub const SEQUENCES: &str = "select format('select setval(%L, %s, %L)', quote_ident(schemaname) || '.' || quote_ident(sequencename),
    coalesce(last_value, start_value), last_value is not null) from pg_sequences";

impl Field<'_> {
    /// After this the next run takes the same numbers as the last one.
    pub async fn set_sequences_back(&self) -> Result<(), Error> {
        self.session.execute(self.sequences, "set the sequences back").await
    }

    /// Runs a statement and undoes it. With the outcome comes what it did to the rows of others.
    pub async fn run(&self, identity: &Identity, statement: &str) -> Result<(Outcome, Vec<String>), Error> {
        self.session.begin(identity).await?;
        let outcome = self.session.run(statement).await?;
        let mut damage = Vec::new();
        if outcome.succeeded() {
            self.session.as_administrator().await?;
            damage = self.world.damage(&self.session, self.tables).await?;
        }
        self.session.end().await?;
        Ok((outcome, damage))
    }

    /// What an outcome shows or did that the identity may not see or do; none where it is harmless. What is `named` was known before.
    pub fn leak(&self, identity: &Identity, outcome: &Outcome, damage: &[String], named: &str) -> Option<String> {
        if let Some(first) = damage.first() {
            return Some(format!("{first}{}", if damage.len() > 1 { ", and more" } else { "" }));
        }
        if identity.sides.contains(&Side::Foreign) {
            return None;
        }
        let claims: String = identity.settings.iter().map(|(_, value)| value.as_str()).collect();
        let told = self.world.told(&outcome.text(), &format!("{named}\n{claims}"))?;
        let how = if outcome.succeeded() { "it returned" } else { "its error told" };
        Some(format!("{how} a value of tenant B: {told}"))
    }
}
