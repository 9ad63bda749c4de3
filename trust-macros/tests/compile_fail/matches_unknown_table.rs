#[path = "../tables/orders.rs"]
mod orders;

use trust_macros::MatchesTable;

#[derive(MatchesTable)]
#[matches(orders::ODRERS)]
struct Order {
    order_id: i64,
    status: String,
}

fn main() {}
