//! Whether a string is a value of a built-in type, as far as can be told without a server.

use super::references::ResolvedType;
use crate::sql::type_name::Modifier;

/// Why the string is no value of the type.
pub(super) fn problem(text: &str, ty: &ResolvedType) -> Option<String> {
    let fits = match ty.name.name.as_str() {
        "uuid" => is_uuid(text),
        "json" | "jsonb" => serde_json::from_str::<serde_json::Value>(text).is_ok(),
        "date" => is_infinite(text) || is_date(text),
        "timestamp" | "timestamptz" => is_infinite(text) || is_timestamp(text),
        "time" => is_time(text),
        "interval" => text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '-' | '+' | 'P' | '@')),
        "inet" | "cidr" => is_network(text),
        "bytea" => is_bytes(text),
        "varchar" | "bpchar" => return length_problem(text, ty),
        _ => true,
    };
    (!fits).then(|| format!("`{text}` is no value of type `{}`", ty.text))
}

/// The form that a string of the type has, where it is not obvious.
pub(super) fn form(ty: &ResolvedType) -> Option<&'static str> {
    Some(match ty.name.name.as_str() {
        // `now` and `today` would be the time of the migration for ever.
        "date" => "write a date as `2026-01-31`; the day of each row is `{ sql = \"current_date\" }`",
        "timestamp" | "timestamptz" => "write a time as `2026-01-31 12:00:00+00`; the time of each row is `{ sql = \"now()\" }`",
        "time" => "write a time as `12:00:00`",
        "interval" => "write an interval as `90 days`",
        "bytea" => "write bytes as `\\x` and hexadecimal digits",
        _ => return None,
    })
}

fn length_problem(text: &str, ty: &ResolvedType) -> Option<String> {
    let Some(Modifier::Number(length)) = ty.name.modifiers.first() else { return None };
    let characters = text.chars().count();
    let is_longer = i64::try_from(characters).is_ok_and(|characters| characters > *length);
    is_longer.then(|| format!("the string has {characters} characters, type `{}` holds {length}", ty.text))
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| if [8, 13, 18, 23].contains(&index) { byte == b'-' } else { byte.is_ascii_hexdigit() })
}

fn is_infinite(text: &str) -> bool {
    matches!(text, "infinity" | "-infinity")
}

/// Whole numbers between marks, each with its number of digits and its range; what is left behind them.
fn numbers<'t>(text: &'t str, parts: &[(&str, usize, u32, u32)]) -> Option<(Vec<u32>, &'t str)> {
    let mut rest = text;
    let mut values = Vec::with_capacity(parts.len());
    for (mark, digits, low, high) in parts {
        rest = rest.strip_prefix(mark)?;
        let (number, behind) = rest.split_at_checked(*digits)?;
        let value = number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse::<u32>().ok()).flatten()?;
        values.push((*low..=*high).contains(&value).then_some(value)?);
        rest = behind;
    }
    Some((values, rest))
}

fn date(text: &str) -> Option<&str> {
    let (values, rest) = numbers(text, &[("", 4, 1, 9999), ("-", 2, 1, 12), ("-", 2, 1, 31)])?;
    let [year, month, day] = values.as_slice() else { return None };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    (*day <= days).then_some(rest)
}

fn is_date(text: &str) -> bool {
    date(text) == Some("")
}

/// Hours and minutes, perhaps with seconds and their fraction; what is left.
fn time(text: &str) -> Option<&str> {
    let (_, rest) = numbers(text, &[("", 2, 0, 23), (":", 2, 0, 59)])?;
    let Some((_, rest)) = numbers(rest, &[(":", 2, 0, 59)]) else { return Some(rest) };
    let Some(fraction) = rest.strip_prefix('.') else { return Some(rest) };
    let behind = fraction.trim_start_matches(|digit: char| digit.is_ascii_digit());
    (1..=6).contains(&(fraction.len() - behind.len())).then_some(behind)
}

fn is_time(text: &str) -> bool {
    time(text) == Some("")
}

fn is_timestamp(text: &str) -> bool {
    let Some(rest) = date(text) else { return false };
    if rest.is_empty() {
        return true;
    }
    let Some(zone) = rest.strip_prefix([' ', 'T']).and_then(time) else { return false };
    let offset = |digits: &str| matches!(numbers(digits, &[("", 2, 0, 15)]), Some((_, rest)) if rest.is_empty() || matches!(numbers(rest.trim_start_matches(':'), &[("", 2, 0, 59)]), Some((_, ""))));
    zone.is_empty() || zone == "Z" || zone.strip_prefix(['+', '-']).is_some_and(offset)
}

fn is_network(text: &str) -> bool {
    let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    let Ok(address) = address.parse::<std::net::IpAddr>() else { return false };
    let most = if address.is_ipv4() { 32 } else { 128 };
    bits.is_none_or(|bits| bits.parse::<u8>().is_ok_and(|bits| bits <= most))
}

fn is_bytes(text: &str) -> bool {
    match text.strip_prefix("\\x") {
        Some(digits) => digits.len().is_multiple_of(2) && digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => !text.contains('\\'),
    }
}
