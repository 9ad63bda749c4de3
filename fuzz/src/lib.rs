//! One entry point for both ways to run a target: libFuzzer, and plain programs that run each file named on the command line.

/// Declares the target.
#[macro_export]
macro_rules! target {
    ($function:path) => {
        #[cfg(feature = "libfuzzer")]
        libfuzzer_sys::fuzz_target!(|text: &str| $function(text));

        #[cfg(not(feature = "libfuzzer"))]
        fn main() {
            for path in std::env::args().skip(1) {
                match std::fs::read_to_string(&path) {
                    Ok(text) => $function(&text),
                    Err(error) => eprintln!("{path}: {error}"),
                }
            }
        }
    };
}
