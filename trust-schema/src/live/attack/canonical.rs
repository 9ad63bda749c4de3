//! Answers without what differs from run to run: ids, times and signatures that were made meanwhile.

/// Replaces uuids, times, long numbers of seconds and long texts of random letters by marks.
pub fn text(answer: &str) -> String {
    let word = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | ':' | '.' | '+' | '\\');
    let mut canonical = String::with_capacity(answer.len());
    let mut rest = answer;
    while let Some(start) = rest.find(word) {
        canonical.push_str(&rest[..start]);
        let end = rest[start..].find(|character| !word(character)).map_or(rest.len(), |length| start + length);
        canonical.push_str(mark(&rest[start..end]));
        rest = &rest[end..];
    }
    canonical.push_str(rest);
    canonical
}

fn mark(word: &str) -> &str {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let letters = word.len() - digits;
    let is_time = word.contains(':') && digits >= 4;
    let is_date = digits == 8 && word.len() == 10 && word.matches('-').count() == 2;
    // A uuid, a key's name, a token, a hash: long, with digits between the letters.
    let is_random = word.len() >= 24 && digits >= 3 && letters >= 3;
    if is_time || is_date {
        "<time>"
    } else if is_random {
        "<random>"
    } else {
        word
    }
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn what_differs_from_run_to_run_is_marked() {
        assert_eq!(text("id 0a1b2c3d-1111-4000-8000-000000000001 at 2026-01-02 03:04:05.678+00"), "id <random> at <time> <time>");
        assert_eq!(text("45.50 dm:create tenant_role_required"), "45.50 dm:create tenant_role_required");
        assert_eq!(text("eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2lnbmF0dXJl"), "<random>");
    }
}
