#[path = "../tables/orders.rs"]
mod orders;

use trust_macros::MatchesTable;

#[derive(MatchesTable)]
#[matches(orders::ORDERS)]
struct Order {
    order_id: i64,
    stauts: String,
    shipping_address: String,
}

fn main() {}
