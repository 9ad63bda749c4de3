//! Connection strings as libpq reads them: URLs, `key=value` lists, `PG*` variables, service files, password files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Parameters of a connection, by libpq's key words.
pub type Parameters = BTreeMap<String, String>;

/// Variables and the parameters that they stand for (documentation of libpq, "Environment Variables").
const VARIABLES: [(&str, &str); 18] = [
    ("PGHOST", "host"),
    ("PGHOSTADDR", "hostaddr"),
    ("PGPORT", "port"),
    ("PGDATABASE", "dbname"),
    ("PGUSER", "user"),
    ("PGPASSWORD", "password"),
    ("PGPASSFILE", "passfile"),
    ("PGSERVICE", "service"),
    ("PGOPTIONS", "options"),
    ("PGAPPNAME", "application_name"),
    ("PGSSLMODE", "sslmode"),
    ("PGSSLROOTCERT", "sslrootcert"),
    ("PGSSLCERT", "sslcert"),
    ("PGSSLKEY", "sslkey"),
    ("PGSSLNEGOTIATION", "sslnegotiation"),
    ("PGCONNECT_TIMEOUT", "connect_timeout"),
    ("PGTARGETSESSIONATTRS", "target_session_attrs"),
    ("PGCHANNELBINDING", "channel_binding"),
];

/// What the machine and the project say about connections, read once.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// Those of the process, and beneath them those of the project's `.env`.
    pub variables: BTreeMap<String, String>,
}

impl Surroundings {
    fn home(&self) -> Option<PathBuf> {
        self.variables.get("HOME").map(PathBuf::from).filter(|home| home.is_absolute())
    }

    /// A file in the user's home.
    pub(super) fn home_file(&self, name: &str) -> Option<PathBuf> {
        self.home().map(|home| home.join(name))
    }
}

/// All parameters: those of the text, then those of its service, then those of the variables.
///
/// # Errors
/// What is wrong, without any part of the text, which may hold a password.
pub fn parameters(text: Option<&str>, surroundings: &Surroundings) -> Result<Parameters, String> {
    let mut all = text.map_or_else(|| Ok(Parameters::new()), parse)?;
    let variables: Parameters =
        VARIABLES.iter().filter_map(|(variable, word)| Some(((*word).to_owned(), surroundings.variables.get(*variable)?.clone()))).collect();
    if let Some(service) = all.get("service").or_else(|| variables.get("service")).cloned() {
        for (word, value) in service_of(&service, surroundings)? {
            all.entry(word).or_insert(value);
        }
    }
    for (word, value) in variables {
        all.entry(word).or_insert(value);
    }
    all.remove("service");
    all.retain(|_, value| !value.is_empty());
    if !all.contains_key("user")
        && let Some(user) = surroundings.variables.get("USER")
    {
        all.insert("user".to_owned(), user.clone());
    }
    if !all.contains_key("password")
        && let Some(password) = password_of(&all, surroundings)
    {
        all.insert("password".to_owned(), password);
    }
    Ok(all)
}

/// Reads a URL or a list of `key=value`.
///
/// # Errors
/// As [`parameters`].
pub fn parse(text: &str) -> Result<Parameters, String> {
    match text.split_once("://") {
        Some(("postgres" | "postgresql", rest)) => url(rest),
        Some((scheme, _)) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => Err("it does not begin with `postgresql://`".to_owned()),
        _ => list(text),
    }
}

fn url(rest: &str) -> Result<Parameters, String> {
    let mut all = Parameters::new();
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
    let (user, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
    let mut put = |word: &str, value: &str| -> Result<(), String> {
        if !value.is_empty() {
            all.insert(word.to_owned(), decode(value)?);
        }
        Ok(())
    };
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    put("user", name)?;
    put("password", password)?;
    put("dbname", database)?;
    let (mut names, mut ports) = (Vec::new(), Vec::new());
    for host in hosts.split(',') {
        let (name, port) = match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
            Some((name, port)) => (name, port.strip_prefix(':').unwrap_or_default()),
            None => host.split_once(':').unwrap_or((host, "")),
        };
        names.push(name);
        ports.push(port);
    }
    put("host", &names.join(","))?;
    if ports.iter().any(|port| !port.is_empty()) {
        put("port", &ports.join(","))?;
    }
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let Some((word, value)) = pair.split_once('=') else { return Err("a parameter behind the `?` has no `=`".to_owned()) };
        if (word, value) == ("ssl", "true") {
            put("sslmode", "require")?;
        } else {
            put(&decode(word)?, value)?;
        }
    }
    Ok(all)
}

fn decode(text: &str) -> Result<String, String> {
    let wrong = || "a `%` is not followed by two hexadecimal digits; a `%` in a password is written `%25`".to_owned();
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits: Vec<u8> = rest.by_ref().take(2).collect();
        let digits = std::str::from_utf8(&digits).ok().filter(|digits| digits.len() == 2);
        bytes.push(digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|byte| *byte != 0).ok_or_else(wrong)?);
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

fn list(text: &str) -> Result<Parameters, String> {
    let mut all = Parameters::new();
    let mut rest = text.chars().peekable();
    loop {
        while rest.next_if(|character| character.is_whitespace()).is_some() {}
        if rest.peek().is_none() {
            return Ok(all);
        }
        let mut word = String::new();
        while let Some(character) = rest.next_if(|character| *character != '=' && !character.is_whitespace()) {
            word.push(character);
        }
        while rest.next_if(|character| character.is_whitespace()).is_some() {}
        if rest.next() != Some('=') {
            return Err("a parameter has no `=`".to_owned());
        }
        while rest.next_if(|character| character.is_whitespace()).is_some() {}
        let quoted = rest.next_if_eq(&'\'').is_some();
        let (mut value, mut closed) = (String::new(), !quoted);
        while let Some(character) = rest.next_if(|character| quoted || !character.is_whitespace()) {
            match character {
                '\\' => value.extend(rest.next()),
                '\'' if quoted => {
                    closed = true;
                    break;
                }
                _ => value.push(character),
            }
        }
        if !closed {
            return Err("a quoted value has no end".to_owned());
        }
        all.insert(word, value);
    }
}

/// The section of a service file: the user's, then the system's.
fn service_of(name: &str, surroundings: &Surroundings) -> Result<Parameters, String> {
    let variable = |name: &str| surroundings.variables.get(name).map(PathBuf::from);
    let files = [
        variable("PGSERVICEFILE").or_else(|| surroundings.home_file(".pg_service.conf")),
        variable("PGSYSCONFDIR").map(|folder| folder.join("pg_service.conf")),
    ];
    for file in files.into_iter().flatten() {
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        if let Some(found) = section(&text, name) {
            return Ok(found);
        }
    }
    Err(format!("no service file has a section `[{name}]`"))
}

fn section(text: &str, name: &str) -> Option<Parameters> {
    let mut lines = text.lines().map(str::trim);
    lines.find(|line| line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) == Some(name))?;
    let inside = lines.take_while(|line| !line.starts_with('[')).filter(|line| !line.starts_with('#'));
    Some(inside.filter_map(|line| line.split_once('=')).map(|(word, value)| (word.trim().to_owned(), value.trim().to_owned())).collect())
}

/// The password of `.pgpass`, from a file that nobody else may read.
fn password_of(all: &Parameters, surroundings: &Surroundings) -> Option<String> {
    let file = all.get("passfile").map(PathBuf::from).or_else(|| surroundings.home_file(".pgpass"))?;
    if !is_private(&file) {
        return None;
    }
    let text = std::fs::read_to_string(file).ok()?;
    let value = |word: &str, default: &str| all.get(word).cloned().unwrap_or_else(|| default.to_owned());
    let user = value("user", "");
    let host = value("host", "localhost");
    let host = if host.starts_with('/') { "localhost".to_owned() } else { host };
    let wanted = [host, value("port", "5432"), value("dbname", &user), user];
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let fields = fields(line);
        let (password, keys) = fields.split_last()?;
        let fits = keys.len() == wanted.len() && keys.iter().zip(&wanted).all(|(key, wanted)| key == "*" || key == wanted);
        fits.then(|| password.clone())
    })
}

/// Five fields between `:`; a backslash stands before a `:` or backslash of a value.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut rest = line.chars();
    while let Some(character) = rest.next() {
        let split = character == ':' && fields.len() < 5;
        match (split, fields.last_mut()) {
            (true, _) => fields.push(String::new()),
            (false, Some(field)) if character == '\\' => field.extend(rest.next()),
            (false, Some(field)) => field.push(character),
            (false, None) => {}
        }
    }
    fields
}

#[cfg(unix)]
fn is_private(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o077 == 0)
}

#[cfg(not(unix))]
fn is_private(file: &Path) -> bool {
    file.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> Parameters {
        pairs.iter().map(|(word, value)| ((*word).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn urls_and_lists_are_read_as_libpq_reads_them() {
        for (text, expected) in [
            (
                "postgresql://u:p%40s@h:5433/d?sslmode=verify-full",
                map(&[("user", "u"), ("password", "p@s"), ("host", "h"), ("port", "5433"), ("dbname", "d"), ("sslmode", "verify-full")]),
            ),
            ("postgres://%2Ftmp%2Fx/d", map(&[("host", "/tmp/x"), ("dbname", "d")])),
            ("postgresql:///d?host=/tmp/x&ssl=true", map(&[("host", "/tmp/x"), ("dbname", "d"), ("sslmode", "require")])),
            ("postgresql://u@[::1]:6,b:7/d", map(&[("user", "u"), ("host", "::1,b"), ("port", "6,7"), ("dbname", "d")])),
            ("host=h user = u password='a b\\'c' port=1", map(&[("host", "h"), ("user", "u"), ("password", "a b'c"), ("port", "1")])),
        ] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
        for text in ["mysql://h/d", "postgresql://u:100%@h/d", "host", "password='open"] {
            let error = parse(text).expect_err(text);
            assert!(!error.contains("100") && !error.contains("open"), "{error}");
        }
    }

    #[test]
    fn the_text_wins_over_the_service_and_the_service_over_variables() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("services");
        std::fs::write(&file, "[other]\nhost=no\n[shop]\n# a comment\nhost=service\nport=2\n[last]\nuser=no\n").expect("written");
        let variables =
            map(&[("PGSERVICEFILE", &file.display().to_string()), ("PGSERVICE", "shop"), ("PGHOST", "variable"), ("PGUSER", "u"), ("PGPORT", "1")]);
        let found = parameters(Some("host=text"), &Surroundings { variables: variables.clone() }).expect("parameters");
        assert_eq!(found, map(&[("host", "text"), ("port", "2"), ("user", "u")]));
        let found = parameters(None, &Surroundings { variables }).expect("parameters");
        assert_eq!(found, map(&[("host", "service"), ("port", "2"), ("user", "u")]));
    }

    #[cfg(unix)]
    #[test]
    fn a_password_comes_from_a_private_file_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("pass");
        std::fs::write(&file, "# comment\nelse:*:*:*:no\nh:*:*:u:a\\:b\\\\c\n").expect("written");
        let variables = map(&[("PGPASSFILE", &file.display().to_string())]);
        let surroundings = Surroundings { variables };
        for (mode, expected) in [(0o600, Some("a:b\\c")), (0o644, None)] {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).expect("permissions");
            let found = parameters(Some("postgresql://u@h/d"), &surroundings).expect("parameters");
            assert_eq!(found.get("password").map(String::as_str), expected, "{mode:o}");
        }
    }
}
