use trust_macros::PostgresEnum;

#[derive(PostgresEnum)]
#[postgres(schema = "public", name = "risk_tier", name = "tier")]
enum RiskTier {
    A,
    #[postgres(label = "A")]
    B,
}

fn main() {}
