//! Strings that mean harm.

/// Each with a name for messages; the worst first.
pub fn values() -> Vec<(&'static str, String)> {
    let mut values: Vec<(&'static str, String)> = [
        ("drop in a string", "'); drop table public.canary; --"),
        ("drop", "\"); drop table public.canary; --"),
        ("drop in a body", "$function$; drop table public.canary; --"),
        ("backslash", "\\"),
        ("newline and comment", "a\n-- b\n; drop table public.canary;"),
        ("emoji", "🦀 é e\u{301}"),
        ("quote", "'"),
        ("double quote", "\""),
        ("semicolon", ";"),
        ("line comment", "--"),
        ("open comment", "/*"),
        ("close comment", "*/"),
        ("newline", "a\nb"),
        ("tab", "a\tb"),
        ("NUL", "a\0b"),
        ("bell", "a\u{7}b"),
        ("carriage return", "a\r\nb"),
        ("bidirectional", "a\u{202E}b"),
        ("zero width", "a\u{200B}b"),
        ("dollars", "$$"),
        ("dollar tag", "$function$"),
        ("other dollar tags", "$function$ $function1$ $check$ $schedule$ $body$"),
        ("parameter", "$1"),
        ("psql variable", ":x"),
        ("quoted psql variable", ":'x'"),
        ("template", "{{ x }}"),
        ("template block", "{% raw %}"),
        ("path", "../../etc/passwd"),
        ("windows path", "C:\\x"),
        ("drop in an escape string", "\\'); drop table public.canary; --"),
        ("end of a block", "'; END; $$; drop table public.canary; --"),
        ("psql command", "\\! touch /tmp/x"),
        ("byte order mark", "\u{FEFF}a"),
        ("line separator", "a\u{2028}b\u{85}c"),
        ("empty", ""),
        ("spaces", "  "),
        ("percent", "%s %I 100%"),
        ("unicode escape", "U&'\\0041'"),
        ("key word", "select"),
        ("public", "PUBLIC"),
        ("null", "null"),
        ("braces", "{a,\"b\"}"),
        ("canary", "public.canary"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .to_vec();
    values.push(("64 bytes", "x".repeat(64)));
    values.push(("63 bytes", "y".repeat(63)));
    values.push(("64 bytes of two", "é".repeat(32)));
    values.push(("10000 bytes", "z".repeat(10_000)));
    values
}
