#[path = "../tables/orders.rs"]
mod orders;

use trust_macros::MatchesTable;

struct Status;

#[derive(MatchesTable)]
#[matches(orders::ORDERS)]
struct Order {
    status: Status,
}

fn main() {}
