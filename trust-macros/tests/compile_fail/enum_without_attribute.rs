use trust_macros::PostgresEnum;

#[derive(PostgresEnum)]
enum RiskTier {
    A,
}

fn main() {}
