//! An attack for people, and for machines.

use std::collections::BTreeMap;

use super::{Attack, Attempt, Counts, RegimeAttack, Verdict};
use crate::live::prove::report::{counted, grouped};

/// How many leaks are shown in full.
const SHOWN: usize = 20;

/// The attack as text. Its last line says what held.
pub fn text(attack: &Attack) -> String {
    let mut text: String = attack.regimes.iter().map(regime).collect();
    text.push_str(&verdict(attack));
    text.push('\n');
    text
}

fn regime(regime: &RegimeAttack) -> String {
    let mut text = format!("{} ({}.{:03} s)\n", regime.platform, regime.milliseconds / 1000, regime.milliseconds % 1000);
    let mut forms: BTreeMap<&str, Vec<&Attempt>> = BTreeMap::new();
    for attempt in &regime.attempts {
        forms.entry(&attempt.form).or_default().push(attempt);
    }
    let mut identities: Vec<&str> = regime.attempts.iter().map(|attempt| attempt.identity.as_str()).collect();
    identities.sort_unstable();
    identities.dedup();
    text.push_str(&format!(
        "  {} by {}\n",
        counted(forms.len(), "form of attack").replace("form of attacks", "forms of attack"),
        counted(identities.len(), "identity").replace("identitys", "identities")
    ));
    let counts = Counts::of(&regime.attempts);
    let lines = [
        ("attempts", counts.attempts),
        ("denied", counts.denied),
        ("allowed, as declared", counts.as_declared),
        ("told, as accepted in the spec", counts.accepted),
        ("told by PostgreSQL itself", counts.inherent),
        ("leaks", counts.leaks),
        ("unreliable", counts.unreliable + regime.unreliable.len() as u64),
    ];
    for (label, count) in lines {
        text.push_str(&format!("  {label:<36} {:>7}\n", grouped(count)));
    }
    let twins = regime.twins;
    text.push_str(&format!(
        "  twin runs: {}, {} of which {} succeeded, {}\n",
        counted(usize::try_from(twins.sequences).unwrap_or(usize::MAX), "sequence"),
        counted(usize::try_from(twins.statements).unwrap_or(usize::MAX), "statement"),
        grouped(twins.succeeded),
        counted(usize::try_from(twins.differences).unwrap_or(usize::MAX), "difference"),
    ));
    text.push_str(&reasons(&regime.attempts));
    let bad = |attempt: &&Attempt| matches!(attempt.verdict, Verdict::Leak(_) | Verdict::Unreliable(_));
    // Alike ones are shown once; leaks come first.
    let mut alike: BTreeMap<(bool, &str, &str, &str), Vec<&Attempt>> = BTreeMap::new();
    for attempt in regime.attempts.iter().filter(bad) {
        let (leak, why) = match &attempt.verdict {
            Verdict::Leak(_) => (true, attempt.form.as_str()),
            Verdict::Unreliable(why) => (false, why.as_str()),
            _ => (false, ""),
        };
        alike.entry((!leak, &attempt.object, why, if leak { &attempt.identity } else { "" })).or_default().push(attempt);
    }
    for attempts in alike.values().take(SHOWN) {
        text.push_str(&attempts.first().map(|attempt| shown(attempt, attempts.len())).unwrap_or_default());
    }
    if alike.len() > SHOWN {
        text.push_str(&format!("    and {} more kinds: --format json shows all\n", grouped((alike.len() - SHOWN) as u64)));
    }
    text.push_str(&regime.unreliable.iter().map(|why| format!("    unreliable: {why}\n")).collect::<String>());
    text
}

/// What was told with good reason, each reason once.
fn reasons(attempts: &[Attempt]) -> String {
    let mut reasons: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for attempt in attempts {
        match &attempt.verdict {
            Verdict::Accepted(reason) => *reasons.entry((attempt.object.as_str(), reason.as_str())).or_default() += 1,
            Verdict::Inherent(reason) => *reasons.entry(("PostgreSQL", reason.as_str())).or_default() += 1,
            _ => {}
        }
    }
    reasons.iter().map(|((object, reason), count)| format!("    {object} ({}): {reason}\n", grouped(*count))).collect()
}

fn shown(attempt: &Attempt, alike: usize) -> String {
    let (word, why) = match &attempt.verdict {
        Verdict::Leak(why) => ("LEAK", why.as_str()),
        Verdict::Unreliable(why) => ("unreliable", why.as_str()),
        _ => ("", ""),
    };
    let statement = attempt.statement.replace('\n', "\n      ");
    let said = if attempt.said.is_empty() { String::new() } else { format!("      answered: {}\n", attempt.said) };
    let count = if alike > 1 { format!(" (and {} alike)", grouped((alike - 1) as u64)) } else { String::new() };
    format!("    {word}{count}: {}, {}, as {}: {why}\n      {statement}\n{said}", attempt.object, attempt.form, attempt.identity)
}

/// The last line.
pub fn verdict(attack: &Attack) -> String {
    let counts = attack.counts();
    let figures = format!(
        "{}, {}, {} denied, {} leaks, {} unreliable",
        counted(attack.regimes.len(), "regime"),
        counted(usize::try_from(counts.attempts).unwrap_or(usize::MAX), "attempt"),
        grouped(counts.denied),
        grouped(counts.leaks),
        grouped(attack.unreliable()),
    );
    let said = if attack.withstood() { "withstood" } else { "NOT withstood" };
    format!("{said} on PostgreSQL {}: {figures}", attack.version)
}

/// The attack as JSON, with every attempt.
///
/// # Errors
/// Those of serde_json, of which an attack causes none.
pub fn json(attack: &Attack) -> Result<String, serde_json::Error> {
    let mut value = serde_json::to_value(attack)?;
    if let Some(object) = value.as_object_mut() {
        object.insert("format_version".to_owned(), crate::diagnostic::render::json::FORMAT_VERSION.into());
        object.insert("counts".to_owned(), serde_json::to_value(attack.counts())?);
        object.insert("withstood".to_owned(), attack.withstood().into());
        object.insert("verdict".to_owned(), verdict(attack).into());
    }
    serde_json::to_string_pretty(&value)
}
