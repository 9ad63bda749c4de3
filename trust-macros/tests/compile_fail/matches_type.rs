#[path = "../tables/orders.rs"]
mod orders;

use trust_macros::MatchesTable;

#[derive(MatchesTable)]
#[matches(orders::ORDERS)]
struct Order {
    order_id: i32,
    tags: String,
    #[matches(column = "status")]
    state: Vec<String>,
}

fn main() {}
