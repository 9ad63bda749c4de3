//! Times the program as a whole process on specs of growing size, in one run: `cargo run --release -p tests --example whole_process`.
//! Reports medians, peak memory, and the ratio to the smallest size, for each table: about 1 where growth is linear.

use std::path::Path;
use std::process::Command;

use tests::measure;

const SIZES: [usize; 3] = [100, 1_000, 10_000];
const RUNS: usize = 5;

fn main() -> std::io::Result<()> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release/trust-schema");
    if !program.exists() {
        eprintln!("build it first: cargo build --release -p trust-schema");
        std::process::exit(2);
    }
    let folder = tempfile::tempdir()?;
    println!("{:>8} {:>10} {:>12} {:>14} {:>12} {:>14}", "tables", "command", "median ms", "per table", "ratio", "peak MiB");
    for verb in ["generate", "check", "lint"] {
        let mut smallest = None;
        for tables in SIZES {
            let root = folder.path().join(tables.to_string());
            std::fs::create_dir_all(root.join("spec"))?;
            for file in tests::large_spec::files(tables) {
                std::fs::write(root.join("spec").join(file.path), file.text)?;
            }
            let mut times = Vec::new();
            let mut peak = 0;
            for _ in 0..RUNS {
                if verb == "generate" && root.join("generated").exists() {
                    std::fs::remove_dir_all(root.join("generated"))?;
                }
                let (time, memory) = measure::run(Command::new(&program).arg(verb).current_dir(&root))?;
                times.push(time);
                peak = peak.max(memory);
            }
            times.sort();
            let median = times[RUNS / 2].as_secs_f64() * 1000.0;
            let each = median / tables as f64;
            let ratio = each / *smallest.get_or_insert(each);
            println!("{tables:>8} {verb:>10} {median:>12.1} {each:>14.4} {ratio:>12.2} {:>14}", peak / 1024);
        }
    }
    Ok(())
}
