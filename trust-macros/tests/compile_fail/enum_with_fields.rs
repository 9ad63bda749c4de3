use trust_macros::PostgresEnum;

#[derive(PostgresEnum)]
#[postgres(schema = "public", name = "risk_tier")]
enum RiskTier {
    A(String),
    B { reason: String },
}

fn main() {}
