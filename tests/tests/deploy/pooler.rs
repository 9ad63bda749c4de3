//! A pooler in transaction mode is refused, one in session mode is not; with PgBouncer, where it is installed.

use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tests::postgres;
use trust_schema::live::server::{Cluster, DEPLOYER, Regime, Scratch};

use crate::support::{Tally, connect_to, database, deploy, quick, system};

fn program() -> Option<PathBuf> {
    ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/opt/homebrew/bin/pgbouncer"].into_iter().map(PathBuf::from).find(|path| path.exists())
}

/// A running PgBouncer, stopped with the value.
struct Pooler {
    process: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Pooler {
    fn start(program: &Path, cluster: &Cluster, database: &Scratch, mode: &str, size: u32) -> Pooler {
        let folder = tempfile::tempdir().expect("a folder");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
        let (name, socket) = (database.name(), cluster.directory().display());
        let users = folder.path().join("users.txt");
        std::fs::write(&users, format!("\"{DEPLOYER}\" \"\"\n")).expect("written");
        let settings = format!(
            "[databases]\n{name} = host={socket} port=5432 dbname={name} user={DEPLOYER}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = trust\nauth_file = {}\npool_mode = {mode}\ndefault_pool_size = {size}\nignore_startup_parameters = extra_float_digits,options\n",
            users.display()
        );
        let file = folder.path().join("pgbouncer.ini");
        std::fs::write(&file, settings).expect("written");
        let mut command = Command::new(program);
        command.arg("--quiet").arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some(account) = &postgres::environment().account {
            // It refuses to run as root.
            for path in [folder.path(), users.as_path(), file.as_path()] {
                std::os::unix::fs::chown(path, Some(account.user), Some(account.group)).expect("its files");
            }
            command.uid(account.user).gid(account.group);
        }
        let process = command.spawn().expect("PgBouncer");
        for _ in 0..500 {
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Pooler { process, port, _folder: folder }
    }
}

#[tokio::test]
async fn transaction_mode_is_refused() {
    let Some(program) = program() else {
        eprintln!("fault matrix: pooler in transaction mode: not run: PgBouncer is not installed");
        return;
    };
    let cluster = postgres::cluster(postgres::any_major());
    let mut tally = Tally::new("pooler in transaction, statement and session mode");
    for (mode, size, refused) in [("transaction", 1, true), ("transaction", 20, true), ("statement", 20, true), ("session", 20, false)] {
        let database = database(&cluster, Regime::Hardened).await;
        let pooler = Pooler::start(&program, &cluster, &database, mode, size);
        let url = format!("postgresql://{DEPLOYER}@127.0.0.1:{}/{}?sslmode=disable", pooler.port, database.name());
        let outcome = deploy(&connect_to(&url), system(), &quick()).await;
        let fits = match &outcome {
            Err(stop) => refused && stop.code == "transaction-pooler",
            Ok(report) => !refused && report.is_fine(),
        };
        tally.add(format!("{mode}, {size} sessions"), (!fits).then(|| format!("{outcome:?}")));
    }
    tally.finish();
}

#[tokio::test]
async fn the_port_of_supabases_transaction_mode_is_known() {
    // Refused without asking anybody: no session can be had there.
    let url = "postgresql://postgres.abc:secret@aws-0-eu-central-1.pooler.supabase.com:6543/postgres";
    assert!(!format!("{:?}", connect_to(url)).contains("secret"));
    assert_eq!(connect_to(url).place, "postgres.abc@aws-0-eu-central-1.pooler.supabase.com:6543/postgres");
}
