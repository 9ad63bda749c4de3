//! What a run found, for people.

use std::collections::{BTreeMap, BTreeSet};

use super::mutants::Family;
use super::system::Stage;

/// What became of a mutant.
pub struct Outcome {
    pub system: String,
    pub family: Family,
    pub operator: String,
    pub place: String,
    pub stage: Stage,
    /// The codes, rules and forms that told.
    pub by: BTreeSet<String>,
}

impl Outcome {
    fn is_told(&self) -> bool {
        !matches!(self.stage, Stage::Withstands | Stage::Same | Stage::NotTried)
    }

    /// Everything, in one line that [`Outcome::read`] reads.
    pub fn record(&self) -> String {
        let by = self.by.iter().map(String::as_str).collect::<Vec<_>>().join("\u{1f}");
        [self.stage.word(), &self.system, self.family.word(), &self.operator, &self.place, &by].map(|part| part.replace(['\t', '\n'], " ")).join("\t")
    }

    /// None where the line is no record.
    pub fn read(line: &str) -> Option<Outcome> {
        let mut parts = line.split('\t');
        let mut next = || parts.next();
        let stage = next().and_then(|word| Stage::ALL.into_iter().find(|stage| stage.word() == word))?;
        let system = next()?.to_owned();
        let family = next().and_then(|word| [Family::Spec, Family::Catalog, Family::Migration].into_iter().find(|family| family.word() == word))?;
        let (operator, place) = (next()?.to_owned(), next()?.to_owned());
        let by = next()?.split('\u{1f}').filter(|by| !by.is_empty()).map(str::to_owned).collect();
        Some(Outcome { system, family, operator, place, stage, by })
    }
}

/// A table of counts by stage.
fn table<'o>(head: &str, outcomes: impl Iterator<Item = &'o Outcome>, key: impl Fn(&Outcome) -> String) -> String {
    let mut rows: BTreeMap<String, BTreeMap<Stage, usize>> = BTreeMap::new();
    for outcome in outcomes {
        *rows.entry(key(outcome)).or_default().entry(outcome.stage).or_default() += 1;
    }
    let stages: Vec<Stage> = Stage::ALL.into_iter().filter(|stage| rows.values().any(|row| row.contains_key(stage))).collect();
    let mut text = format!("| {head} | mutants | told |");
    text.extend(stages.iter().map(|stage| format!(" {} |", stage.word())));
    text.push_str(&format!("\n|---|---:|---:|{}\n", "---:|".repeat(stages.len())));
    for (name, row) in &rows {
        let all: usize = row.values().sum();
        let told: usize =
            row.iter().filter(|(stage, _)| !matches!(stage, Stage::Withstands | Stage::Same | Stage::NotTried)).map(|(_, count)| count).sum();
        text.push_str(&format!("| {name} | {all} | {} % |", told * 100 / all.max(1)));
        text.extend(stages.iter().map(|stage| row.get(stage).map_or(" |".to_owned(), |count| format!(" {count} |"))));
        text.push('\n');
    }
    text
}

/// The document of a run.
pub fn report(outcomes: &[Outcome]) -> String {
    let count = |stage: Stage| outcomes.iter().filter(|outcome| outcome.stage == stage).count();
    let told = outcomes.iter().filter(|outcome| outcome.is_told()).count();
    let mut text = format!(
        "# Mutation run\n\nWritten by `cargo run -p tests --example mutation`: Trust-lite, the spec of the introduction and the case specs, each weakened at one place at a time.\n\n**{} mutants, of which {told} are told**: ",
        outcomes.len()
    );
    text.push_str(&Stage::ALL.map(|stage| format!("{} {}", count(stage), stage.word())).join(", "));
    text.push_str(STAGES);
    text.push_str("\n## By system\n\n");
    text.push_str(&table("System", outcomes.iter(), |outcome| outcome.system.clone()));
    for (family, title) in [
        (Family::Spec, "Operators on the spec"),
        (Family::Catalog, "Operators on the Catalog, behind what a spec can say"),
        (Family::Migration, "Operators on the migrations"),
    ] {
        text.push_str(&format!("\n## {title}\n\n"));
        text.push_str(&table("Operator", outcomes.iter().filter(|outcome| outcome.family == family), |outcome| outcome.operator.clone()));
    }
    let mut rules: BTreeMap<(Stage, &str), usize> = BTreeMap::new();
    for outcome in outcomes.iter().filter(|outcome| !matches!(outcome.stage, Stage::Answers | Stage::Same | Stage::NotTried)) {
        for by in &outcome.by {
            *rules.entry((outcome.stage, by)).or_default() += 1;
        }
    }
    text.push_str("\n## What told\n\nA mutant is counted for everything that told of it in the first stage that did; the rate is its share of all mutants.\n\n| Stage | Code, rule or form | Mutants | Rate |\n|---|---|---:|---:|\n");
    for ((stage, by), count) in &rules {
        let rate = *count as f64 * 100.0 / outcomes.len().max(1) as f64;
        text.push_str(&format!("| {} | {by} | {count} | {rate:.1} % |\n", stage.word()));
    }
    for (stage, title, explanation) in LISTS {
        let found: Vec<&Outcome> = outcomes.iter().filter(|outcome| outcome.stage == stage).collect();
        text.push_str(&format!("\n## {title} ({})\n\n{explanation}\n", found.len()));
        let mut groups: BTreeMap<(&str, String), Vec<&Outcome>> = BTreeMap::new();
        for outcome in found {
            let why = match stage {
                Stage::NotTried => outcome.by.iter().cloned().collect::<Vec<_>>().join(", "),
                Stage::Withstands => reason(&outcome.operator).to_owned(),
                _ => String::new(),
            };
            groups.entry((outcome.operator.as_str(), why)).or_default().push(outcome);
        }
        for ((operator, why), group) in groups {
            let why = if why.is_empty() { String::new() } else { format!(": {why}") };
            text.push_str(&format!("\n**{operator}**{why} ({})\n\n", group.len()));
            if stage == Stage::NotTried {
                continue;
            }
            text.extend(group.iter().map(|outcome| format!("- {}: `{}`\n", outcome.system, outcome.place.replace('`', "'"))));
        }
    }
    text
}

const STAGES: &str = ".

The stages, in their order; a mutant counts for the first that tells of it:

1. **refused**: the compiler does not take it (an error, or a rule whose findings are leaks), or PostgreSQL does not.
2. **lint**: a rule that has no finding in the original has one.
3. **access diff**: the semantic diff of access says that somebody gains something, or that a condition is another one, of a policy, of a function
   or of a view, or that a table or domain refuses less: a finding that needs approval. What an author may mean, such as another role in `execute`,
   is told here. Pure layout, the order of what must all be true, and texts for people are no such finding.
4. **proof**: the database that the migrations make is not what the spec says (`prove` compares it with the Catalog), or the generated verification
   fails. Asked of weakened migrations, on a project that grants everything to everybody by default.
5. **smoke test**: a smoke test of the spec fails on a database with the mutant.
6. **attack: leak**: the attack suite gets at something of another tenant, or does what the original spec does not allow. These are the gaps of the
   static stages: each is listed below.
7. **other answers**: no leak, but somebody is answered otherwise, or other rows are written, than by the original, when everything that is known to
   succeed, values of others, of nobody, NULL and blank ones are passed to every function that is concerned, and every row is changed in every column.
   The mutant changes what the system does within a tenant; it lets nobody past one as far as the attack sees.
8. **withstands**: no leak and no other answer: equivalent as far as the attack suite and these questions see.
9. **same database**: everything that can be read of the database is the same, so there is nothing to attack: a REVOKE of what nobody has, or a
   word of `[tenancy]` that only says what the rules and the attack look at.

Mutants that make no spec (a name that is not there any more) or the same system count for nothing. For the server each mutant gets a copy of a
database with the original system, rows of three tenants and a life of calls behind them; only what changed is changed, and only what looks at it is
attacked and asked: with few identities, and 2 pairs of twin runs. What cannot be tried that way is *not tried*, with the reason.
";

const LISTS: [(Stage, &str, &str); 3] = [
    (Stage::Attack, "Leaks that only the attack tells", "No stage without a server tells of these: they are the gaps of the compiler."),
    (
        Stage::Withstands,
        "Survivors",
        "Nothing tells of these. The reason is the likely one for the operator; it is not shown for each of them. No leak was seen of any.",
    ),
    (Stage::NotTried, "Not tried on a server", "With the reason."),
];

/// Why mutants of an operator that survive make no difference.
fn reason(operator: &str) -> &'static str {
    match operator {
        "dropped not null" => "something else refuses NULL: a domain, a key, a trigger that sets the value, the expression of a generated column",
        "changed action of a key" | "dropped foreign key" => {
            "no row that is referred to goes away: what would delete it is refused by another key, or the table is the platform's"
        }
        "definer made invoker" => "the owner alone calls it, inside of other functions: the rights are the same",
        "dropped condition of an index" | "dropped index" => "an index that is not unique decides how fast, not what",
        "dropped row lock" | "moved assertion" => {
            "it counts between sessions at the same time, or everything is undone by what is raised later; one session asks here"
        }
        "dropped trigger" | "dropped append-only" => "what it does shows in nothing that is asked",
        "dropped limit" => "there is one row at most",
        "search_path with public in front of pg_catalog" | "search_path led by schema public" => "nobody may create in the schema",
        "row-level security disabled" | "row-level security not forced" => "nobody but the owner and who bypasses it has a privilege on the table",
        "policy for PUBLIC" | "policy for another role" | "policy for all commands" | "dropped policy" => "the role has no privilege on the table",
        "dropped coalesce" => "the value is never NULL there",
        "null-blind comparison" => "neither operand is NULL there: what precedes it, or a constraint, sees to it",
        "dropped conjunct"
        | "conjunction made disjunction"
        | "disjunction made conjunction"
        | "reversed comparison"
        | "reversed test"
        | "dropped where"
        | "constant condition"
        | "dropped not" => {
            "no row of three tenants, and no question, tells the condition from the other: another condition decides the same, or the state that it guards against (an expired or revoked key, a clock, a second session) does not occur; no leak"
        }
        "dropped raise" | "dropped assertion" | "dropped guard" | "handler of everything" => {
            "the state that it refuses does not occur among the rows and questions, or what follows refuses the same with another word"
        }
        "dropped check" => "no value that was tried is refused by it alone",
        _ => "no leak and no other answer was seen",
    }
}
