//! A proof for people, and for machines.

use super::run::{NOT_APPLIED, NOT_ROLLED_BACK};
use super::{Attempt, Proof};

/// The proof as text. Its last line says what holds, and claims nothing that was not run.
pub fn text(proof: &Proof) -> String {
    let mut text = String::new();
    for regime in &proof.regimes {
        text.push_str(&format!("{} ({}.{:03} s)\n", regime.platform, regime.milliseconds / 1000, regime.milliseconds % 1000));
        for stage in &regime.stages {
            if stage.checks == 0 && stage.not_run.iter().any(|why| skipped(why)) {
                continue;
            }
            let outcome = match (stage.problems.len(), stage.not_run.is_empty()) {
                (0, true) if stage.checks == 0 => "nothing declared".to_owned(),
                (0, true) => "ok".to_owned(),
                (0, false) => "not run".to_owned(),
                (count, _) => counted(count, "problem"),
            };
            text.push_str(&format!("  {:<36} {:>7}  {outcome}\n", stage.stage.label(), grouped(stage.checks)));
            text.push_str(&stage.not_run.iter().map(|why| format!("    not run: {why}\n")).collect::<String>());
            for problem in &stage.problems {
                text.push_str(&format!("    {}: {}\n", problem.about, problem.message));
                if let Some(place) = &problem.place {
                    text.push_str(&format!("      at {}:{}:{}", place.file, place.line, place.column));
                    text.push_str(&place.object.iter().map(|object| format!(", {object}")).collect::<String>());
                    text.push_str(&place.statement.iter().map(|statement| format!("\n      in {statement}")).collect::<String>());
                    text.push('\n');
                }
            }
        }
        for why in [NOT_APPLIED, NOT_ROLLED_BACK] {
            let stages: Vec<&str> =
                regime.stages.iter().filter(|stage| stage.not_run.iter().any(|reason| reason == why)).map(|stage| stage.stage.label()).collect();
            if !stages.is_empty() {
                text.push_str(&format!("  not run, since {why}: {}\n", stages.join(", ")));
            }
        }
        text.push_str(&refusals(&regime.attempts));
        if !regime.made_by_raw.is_empty() {
            text.push_str(&format!("  made by raw SQL, and not compared with anything: {}\n", regime.made_by_raw.join(", ")));
        }
    }
    text.push_str(&verdict(proof));
    text.push('\n');
    text
}

/// Whether a stage was not run because of an earlier one.
fn skipped(why: &str) -> bool {
    why == NOT_APPLIED || why == NOT_ROLLED_BACK
}

/// The last line.
pub fn verdict(proof: &Proof) -> String {
    let (problems, version) = (proof.problems().count(), &proof.version);
    let scope = format!(
        "{}, {}, {}, {}",
        counted(proof.regimes.len(), "regime"),
        counted(proof.migrations, "migration"),
        counted(proof.objects, "object"),
        counted(usize::try_from(proof.checks()).unwrap_or(usize::MAX), "check"),
    );
    let only = if proof.left_out.is_empty() {
        String::new()
    } else {
        let proved: Vec<&str> = proof.regimes.iter().map(|regime| regime.platform.as_str()).collect();
        format!(" for {} only, not for {}", proved.join(", "), proof.left_out.join(", "))
    };
    if problems > 0 {
        return format!("NOT proved on PostgreSQL {version}{only}: {} ({scope})", counted(problems, "problem"));
    }
    if proof.holds() {
        return format!("proved on PostgreSQL {version}{only}: {scope}, 0 differences");
    }
    let mut missing: Vec<&str> = proof.not_run().map(|(_, stage, _)| stage.label()).collect();
    missing.dedup();
    missing.sort_unstable();
    missing.dedup();
    format!("NOT proved on PostgreSQL {version}{only}: not run: {}; what was run showed no difference ({scope})", missing.join(", "))
}

/// The proof as JSON, with every attempt and the verdict.
///
/// # Errors
/// Those of serde_json, of which a proof causes none.
pub fn json(proof: &Proof) -> Result<String, serde_json::Error> {
    let mut value = serde_json::to_value(proof)?;
    if let Some(object) = value.as_object_mut() {
        object.insert("format_version".to_owned(), crate::diagnostic::render::json::FORMAT_VERSION.into());
        object.insert("holds".to_owned(), proof.holds().into());
        object.insert("complete".to_owned(), proof.is_complete().into());
        object.insert("checks".to_owned(), proof.checks().into());
        object.insert("verdict".to_owned(), verdict(proof).into());
    }
    serde_json::to_string_pretty(&value)
}

/// For each role how often it was refused, and in which words it may not insert into the first table.
fn refusals(attempts: &[Attempt]) -> String {
    let mut roles: Vec<&str> = attempts.iter().map(|attempt| attempt.role.as_str()).collect();
    roles.dedup();
    let line = |role: &&str| {
        let refused: Vec<&Attempt> = attempts.iter().filter(|attempt| attempt.role == **role && attempt.refusal.is_some()).collect();
        let insert = refused.iter().find(|attempt| attempt.action == "INSERT").and_then(|attempt| attempt.refusal.as_deref());
        let insert = insert.map(|refusal| format!("; its INSERT: {refusal}")).unwrap_or_default();
        format!("    {role} was refused {}{insert}\n", counted(refused.len(), "attempt"))
    };
    roles.iter().map(line).collect()
}

/// `1 check`, `1,204 checks`.
pub fn counted(count: usize, word: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {word}{plural}", grouped(u64::try_from(count).unwrap_or(u64::MAX)))
}

/// `1,204`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(counted(1, "regime"), "1 regime");
        assert_eq!(counted(1204, "check"), "1,204 checks");
    }
}
