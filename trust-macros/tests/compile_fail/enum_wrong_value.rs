use trust_macros::PostgresEnum;

#[derive(PostgresEnum)]
#[postgres(schema = public, name = "")]
enum RiskTier {
    #[postgres(label = 1)]
    A,
    #[postgres(label)]
    B,
}

fn main() {}
