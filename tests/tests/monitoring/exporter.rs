//! A real exporter, scraped over loopback.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tests::postgres;
use trust_schema::live::server::Regime;

use crate::figures::traffic;
use crate::spec::monitoring;
use crate::support::{deployed, scrape_until};

const PROGRAM: &str = "prometheus-postgres-exporter";

/// A process of ours that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// The body of `/metrics`, or nothing yet.
fn metrics(port: u16) -> Option<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    stream.write_all(b"GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n").ok()?;
    let mut text = String::new();
    BufReader::new(stream).read_to_string(&mut text).ok()?;
    text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned())
}

#[tokio::test]
async fn a_real_exporter_serves_the_figures() {
    let system = deployed(postgres::any_major(), Regime::Hardened).await;
    traffic(&system).await;
    let role = system.database.connect_as(&system.role).await.unwrap();
    let calls = "trust_lite_function_calls_total{schema_name=\"public\",function_name=\"record_risk_event_v1\"}";
    scrape_until(&role, |samples| samples[calls] == 4.0).await;

    let folder = tempfile::tempdir().unwrap();
    let queries = folder.path().join("queries.yaml");
    std::fs::write(&queries, monitoring("postgres_exporter.yaml")).unwrap();
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let socket = postgres::cluster(postgres::any_major()).directory().display().to_string();
    let source = format!("user={} dbname={} host={socket} port=5432 sslmode=disable", system.role, system.database.name());
    let mut command = Command::new(PROGRAM);
    command
        .args(["--disable-default-metrics", "--disable-settings-metrics", &format!("--web.listen-address=127.0.0.1:{port}")])
        .arg(format!("--extend.query-path={}", queries.display()))
        .env("DATA_SOURCE_NAME", source)
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut running = match command.spawn() {
        Ok(child) => Running(child),
        Err(error) => {
            eprintln!("not run: {PROGRAM} ({error}); `scripts/setup` installs it where there is apt-get");
            return;
        }
    };
    // Its log is read, or a full pipe would stop it.
    let log = running.0.stderr.take().unwrap();
    let log = std::thread::spawn(move || BufReader::new(log).lines().map_while(Result::ok).collect::<Vec<_>>().join("\n"));
    let begun = Instant::now();
    let body = loop {
        match tokio::task::spawn_blocking(move || metrics(port)).await.unwrap() {
            Some(body) if body.contains("trust_lite_") => break body,
            _ if begun.elapsed() > Duration::from_secs(30) => {
                drop(running);
                panic!("no metrics within 30 seconds:\n{}", log.join().unwrap());
            }
            _ => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    };
    drop(running);
    let log = log.join().unwrap();
    // A line is `name{labels} value`; the exporter adds its own label `server`, and orders labels by name.
    let value = |name: &str, labels: &[&str]| {
        let line = body.lines().find(|line| line.split(['{', ' ']).next() == Some(name) && labels.iter().all(|label| line.contains(label)));
        let line = line.unwrap_or_else(|| panic!("no {name} {labels:?} in\n{body}\n{log}"));
        line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()
    };
    assert_eq!(value("trust_lite_function_calls_total", &["function_name=\"record_risk_event_v1\""]), 4.0);
    assert_eq!(value("trust_lite_delegation_token_growth_tokens_last_hour", &[]), 3.0);
    assert_eq!(value("trust_lite_risk_event_rate_firing", &[]), 0.0);
    assert_eq!(value("trust_lite_rate_limit_hits_actors_denied_last_hour", &["action=\"dm:create\""]), 1.0);
    assert_eq!(value("trust_lite_monitor_rows", &["monitor=\"retention_lag\""]), 3.0);
    assert_eq!(value("trust_lite_schedule_health_firing", &["job_name=\"phase1_upkeep\""]), 1.0);
    assert!(value("trust_lite_table_size_bytes", &["table_name=\"risk_events\""]) > 0.0);
    assert_eq!(value("pg_exporter_last_scrape_error", &[]), 0.0, "{log}");
    assert!(body.contains("# TYPE trust_lite_function_calls_total counter"), "{body}");
    // What Prometheus would say of the names and the help texts.
    lint(&body);
}

/// `promtool check metrics` reads what was served.
fn lint(body: &str) {
    let own: String = body
        .lines()
        .filter(|line| line.trim_start_matches("# HELP ").trim_start_matches("# TYPE ").starts_with("trust_lite_"))
        .map(|line| format!("{line}\n"))
        .collect();
    let mut child =
        match Command::new("promtool").args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn() {
            Ok(child) => child,
            Err(error) => return eprintln!("not run: promtool check metrics ({error})"),
        };
    child.stdin.take().unwrap().write_all(own.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
}
