use trust_macros::PostgresEnum;

#[derive(PostgresEnum)]
#[postgres = "risk_tier"]
enum RiskTier {
    #[postgres]
    A,
}

#[derive(PostgresEnum)]
#[row(schema = "public", table = "risk_tier")]
enum ActorType {
    User,
}

fn main() {}
