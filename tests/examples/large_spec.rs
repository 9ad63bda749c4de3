//! Writes a large spec into a folder: `cargo run -p tests --example large_spec -- 1000 /tmp/large`.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(Ok(tables)), Some(folder)) = (arguments.next().map(|tables| tables.parse()), arguments.next()) else {
        eprintln!("usage: large_spec TABLES FOLDER");
        std::process::exit(2);
    };
    std::fs::create_dir_all(&folder)?;
    for file in tests::large_spec::files(tables) {
        std::fs::write(Path::new(&folder).join(file.path), file.text)?;
    }
    Ok(())
}
