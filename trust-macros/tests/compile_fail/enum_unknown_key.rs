use trust_macros::PostgresEnum;

#[derive(PostgresEnum)]
#[postgres(schema = "public", nmae = "risk_tier", color = "red")]
enum RiskTier {
    #[postgres(lable = "A")]
    A,
}

fn main() {}
