//! `trust-schema completions`

use clap_complete::Shell;

use super::Failure;
use super::exit::Exit;
use super::printer::Printer;

/// Print completions for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  trust-schema completions bash > ~/.local/share/bash-completion/completions/trust-schema")]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub fn run(&self, printer: &mut Printer) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut super::command(), "trust-schema", &mut script);
        printer.result(String::from_utf8_lossy(&script).trim_end());
        Ok(Exit::Fine)
    }
}
