use trust_macros::MatchesTable;

#[derive(MatchesTable)]
struct WithoutTable {
    status: String,
}

#[derive(MatchesTable)]
#[matches("public.orders")]
struct NoPath {
    status: String,
}

#[derive(MatchesTable)]
#[matches(ORDERS)]
struct Skipped {
    #[matches(skip, column = "status")]
    status: String,
    #[matches(name = "status")]
    state: String,
}

fn main() {}
