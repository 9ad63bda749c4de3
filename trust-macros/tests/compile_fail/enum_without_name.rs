use trust_macros::PostgresEnum;

#[derive(PostgresEnum)]
#[postgres(schema = "public")]
enum RiskTier {
    A,
}

fn main() {}
