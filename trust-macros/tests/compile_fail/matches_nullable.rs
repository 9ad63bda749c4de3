#[path = "../tables/orders.rs"]
mod orders;

use trust_macros::MatchesTable;

#[derive(MatchesTable)]
#[matches(orders::ORDERS)]
struct Order {
    note: String,
}

fn main() {}
