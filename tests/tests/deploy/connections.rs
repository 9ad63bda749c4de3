//! TLS as libpq's `sslmode` means it, on a server with a certificate of its own authority.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use tests::postgres;
use trust_schema::live::deploy::Stop;
use trust_schema::live::server::Cluster;

use crate::support::{connect_to, deploy, quick, small};

fn openssl(folder: &Path, arguments: &[&str]) {
    let output = Command::new("openssl").args(arguments).current_dir(folder).output().expect("openssl");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn tls_is_spoken_and_certificates_are_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    // An authority, a certificate of it for `localhost`, and an authority that has nothing to do with it.
    for (name, subject) in [("root", "/CN=our authority"), ("other", "/CN=another authority")] {
        let (key, certificate) = (format!("{name}.key"), format!("{name}.crt"));
        openssl(
            folder.path(),
            &[
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
                "-subj",
                subject,
                "-keyout",
                &key,
                "-out",
                &certificate,
            ],
        );
    }
    openssl(
        folder.path(),
        &[
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-subj",
            "/CN=localhost",
            "-keyout",
            "server.key",
            "-out",
            "server.csr",
        ],
    );
    std::fs::write(at("names"), "subjectAltName=DNS:localhost\n").expect("written");
    openssl(
        folder.path(),
        &[
            "x509",
            "-req",
            "-in",
            "server.csr",
            "-CA",
            "root.crt",
            "-CAkey",
            "root.key",
            "-CAcreateserial",
            "-days",
            "2",
            "-extfile",
            "names",
            "-out",
            "server.crt",
        ],
    );
    if let Some(account) = &postgres::environment().account {
        for path in [folder.path().to_owned(), at("server.key"), at("server.crt")] {
            std::os::unix::fs::chown(path, Some(account.user), Some(account.group)).expect("the server's files");
        }
    }
    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
    let settings = [
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        "ssl=on".to_owned(),
        format!("ssl_cert_file={}", at("server.crt").display()),
        format!("ssl_key_file={}", at("server.key").display()),
    ];
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let _cluster = Cluster::start_with(&postgres::server(postgres::any_major()), postgres::environment(), &settings).expect("a server with TLS");
    let (root, other) = (at("root.crt").display().to_string(), at("other.crt").display().to_string());
    let table =
        "create table public.encrypted (used boolean); insert into public.encrypted select ssl from pg_stat_ssl where pid = pg_backend_pid();";
    let mut version = 0;
    for (host, mode, certificate, works, encrypted) in [
        ("localhost", "disable", None, true, false),
        ("localhost", "prefer", None, true, true),
        ("localhost", "require", None, true, true),
        // With a file of authorities, `require` checks against it, as libpq does.
        ("localhost", "require", Some(&other), false, true),
        ("localhost", "verify-ca", Some(&root), true, true),
        ("127.0.0.1", "verify-ca", Some(&root), true, true),
        ("localhost", "verify-ca", Some(&other), false, true),
        ("localhost", "verify-full", Some(&root), true, true),
        ("127.0.0.1", "verify-full", Some(&root), false, true),
        ("localhost", "verify-full", Some(&"system".to_owned()), false, true),
    ] {
        let certificate = certificate.map(|file| format!("&sslrootcert={file}")).unwrap_or_default();
        let connection = connect_to(&format!("postgresql://postgres@{host}:{port}/postgres?sslmode={mode}{certificate}"));
        version += 1;
        let text = format!("drop table if exists public.encrypted; {table}");
        let mut migrations: Vec<(String, String)> = Vec::new();
        migrations.push((format!("migrations/{version}_tls.sql"), text));
        let system = small(&migrations.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect::<Vec<_>>());
        let mut options = quick();
        options.allow = [trust_schema::live::deploy::Allow::ForeignHistory, trust_schema::live::deploy::Allow::DataLoss].into();
        let outcome = deploy(&connection, &system, &options).await;
        let case = format!("{host} {mode}{certificate}");
        if !works {
            let stop: Stop = outcome.expect_err(&case);
            assert_eq!(stop.code, "no-connection", "{case}: {stop}");
            continue;
        }
        assert!(outcome.unwrap_or_else(|stop| panic!("{case}: {stop}")).is_fine());
        let session = connection.open().await.expect("a session");
        let used: bool = session.client.query_one("select used from public.encrypted", &[]).await.expect("a row").get(0);
        assert_eq!(used, encrypted, "{case}");
    }
}
