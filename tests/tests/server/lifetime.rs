//! A cluster starts, stops, and leaves nothing behind, however the program ends.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tests::postgres;
use trust_schema::live::server::{Account, Cluster, Environment, Error, connect};

/// The server's process, from the first line of its pid file.
fn process_of(cluster: &Cluster) -> String {
    let pid_file = cluster.directory().join("data/postmaster.pid");
    fs::read_to_string(pid_file).unwrap().lines().next().unwrap().to_owned()
}

fn is_running(process: &str) -> bool {
    let state = Command::new("ps").args(["-o", "stat=", "-p", process]).output().unwrap();
    let state = String::from_utf8(state.stdout).unwrap();
    // A process that nobody waits for yet is dead all the same.
    !state.trim().is_empty() && !state.trim().starts_with('Z')
}

fn becomes_true(what: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    while !what() {
        if start.elapsed() > Duration::from_secs(20) {
            return false;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    true
}

/// A place for clusters that every account may enter, and an environment that uses nothing else.
fn place() -> (tempfile::TempDir, Environment) {
    let place = tempfile::Builder::new().prefix("place").tempdir_in("/tmp").unwrap();
    fs::set_permissions(place.path(), Permissions::from_mode(0o755)).unwrap();
    let environment =
        Environment { memory: PathBuf::from("/nonexistent"), temporary: vec![place.path().to_path_buf()], ..postgres::environment().clone() };
    (place, environment)
}

#[tokio::test]
async fn a_cluster_starts_and_stops_and_leaves_nothing() {
    for server in postgres::servers() {
        let cluster = Cluster::start(&server, postgres::environment()).unwrap();
        let client = connect(&cluster.config("postgres", "postgres")).await.unwrap();
        let row = client.query_one("select current_setting('server_version'), current_setting('application_name')", &[]).await.unwrap();
        assert!(row.get::<_, String>(0).starts_with(&server.version));
        assert_eq!(row.get::<_, String>(1), "trust-schema");

        let (directory, process) = (cluster.directory().to_path_buf(), process_of(&cluster));
        assert!(is_running(&process));
        drop(cluster);
        assert!(!is_running(&process), "PostgreSQL {} runs on", server.major);
        assert!(!directory.exists(), "{} is left", directory.display());
        assert!(client.simple_query("select 1").await.is_err());
    }
}

#[test]
fn nobody_else_reaches_the_socket_and_the_server_is_no_root() {
    let cluster = postgres::own_cluster(postgres::any_major());
    let directory = cluster.directory().metadata().unwrap();
    assert_eq!(directory.mode() & 0o777, 0o700);
    let owner = Command::new("ps").args(["-o", "uid=", "-p", &process_of(&cluster)]).output().unwrap();
    let owner: u32 = String::from_utf8(owner.stdout).unwrap().trim().parse().unwrap();
    assert_ne!(owner, 0);
    assert_eq!(owner, directory.uid());
}

#[tokio::test]
async fn a_cluster_outlives_the_thread_that_started_it() {
    let cluster = std::thread::spawn(|| postgres::own_cluster(postgres::any_major())).join().unwrap();
    // The kernel's signal at the end of a thread comes at once.
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(is_running(&process_of(&cluster)));
    connect(&cluster.config("postgres", "postgres")).await.unwrap();
}

/// The test runs itself once more as a program that holds a cluster and never ends by itself, and kills that.
#[test]
fn a_cluster_dies_with_its_program_and_its_files_go() {
    const HOLD: &str = "TRUST_SCHEMA_TEST_HOLD";
    if std::env::var_os(HOLD).is_some() {
        let cluster = postgres::own_cluster(postgres::any_major());
        println!("\nholding {} {}", process_of(&cluster), cluster.directory().display());
        std::thread::sleep(Duration::from_secs(120));
        return;
    }
    let mut program = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "lifetime::a_cluster_dies_with_its_program_and_its_files_go", "--nocapture"])
        .env(HOLD, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines().map_while(Result::ok);
    let held = lines.find(|line| line.starts_with("holding ")).expect("a cluster is held");
    let mut words = held.split_whitespace().skip(1);
    let (process, directory) = (words.next().unwrap(), Path::new(words.next().unwrap()));
    assert!(is_running(process) && directory.exists());

    // SIGKILL: the program cannot tidy up.
    program.kill().unwrap();
    program.wait().unwrap();
    assert!(becomes_true(|| !is_running(process)), "the server runs on");
    assert!(becomes_true(|| !directory.exists()), "{} is left", directory.display());
}

#[test]
fn what_dead_programs_left_is_swept_and_nothing_else() {
    let (place, environment) = place();
    let mut dead = Command::new("true").spawn().unwrap();
    dead.wait().unwrap();
    let of_dead = place.path().join(format!("trust-schema-{}-0", dead.id()));
    let of_living = place.path().join(format!("trust-schema-{}-77777", std::process::id()));
    let of_others = place.path().join("trust-schema-notes");
    let locked = place.path().join(format!("trust-schema-{}-1", dead.id()));
    for directory in [&of_dead, &of_living, &of_others, &locked] {
        fs::create_dir(directory).unwrap();
        fs::write(directory.join("file"), "").unwrap();
    }
    // A program of another container, whose process ids are not ours.
    let lock = fs::File::create(locked.join("lock")).unwrap();
    lock.lock().unwrap();

    let cluster = Cluster::start(&postgres::server(postgres::any_major()), &environment).unwrap();
    assert!(cluster.directory().starts_with(place.path()));
    assert!(!of_dead.exists());
    assert!(of_living.join("file").exists() && of_others.join("file").exists() && locked.join("file").exists());
}

#[test]
fn a_place_the_account_may_not_enter_is_refused() {
    let (place, mut environment) = place();
    let closed = place.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, Permissions::from_mode(0o700)).unwrap();
    let below = closed.join("below");
    fs::create_dir(&below).unwrap();
    let long = place.path().join("l".repeat(90));
    fs::create_dir(&long).unwrap();
    environment.temporary = vec![below, long];
    environment.account = Some(Account { name: "somebody".to_owned(), user: 54321, group: 54321 });
    let Err(Error::NoDirectory { tried }) = Cluster::start(&postgres::server(postgres::any_major()), &environment) else {
        panic!("a cluster was started where its account cannot reach it");
    };
    let [memory, below, long] = tried.as_slice() else { panic!("{tried:?}") };
    assert!(memory.ends_with("`/nonexistent` is no directory"), "{memory}");
    assert!(below.contains("closed to the account `somebody`") && below.ends_with("/closed`"), "{below}");
    assert!(long.contains("is too long a path for a socket in it"), "{long}");
}

#[test]
fn a_server_that_does_not_start_shows_what_it_said() {
    let (place, environment) = place();
    let real = postgres::server(postgres::any_major());
    let mut broken = real.clone();
    broken.binaries = place.path().join("bin");
    fs::create_dir(&broken.binaries).unwrap();
    fs::set_permissions(&broken.binaries, Permissions::from_mode(0o755)).unwrap();
    let initdb = format!("#!/bin/sh\nexec '{}' \"$@\"\n", real.binaries.join("initdb").display());
    crate::discovery::script(&broken.binaries.join("initdb"), &initdb);
    crate::discovery::script(&broken.binaries.join("postgres"), "#!/bin/sh\necho 'out of luck' >&2\nexit 3\n");
    let error = Cluster::start(&broken, &environment).unwrap_err();
    let Error::Start { problem, log, .. } = &error else { panic!("{error}") };
    assert_eq!((problem.as_str(), log.as_str()), ("it ended with exit status: 3", "out of luck"));
    let left = fs::read_dir(place.path()).unwrap().count();
    assert_eq!(left, 1, "the directory of the cluster is left");
}
