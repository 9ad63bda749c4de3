#[path = "../tables/orders.rs"]
mod orders;

use trust_macros::MatchesTable;

#[derive(MatchesTable)]
#[matches(orders::ORDERS)]
#[allow(dead_code)]
struct Order {
    order_id: Option<i64>,
    status: String,
    note: Option<String>,
    tags: Vec<String>,
    r#type: i32,
    #[matches(column = "search")]
    words: String,
    payload: Option<Vec<u8>>,
    #[matches(skip)]
    cached: std::time::Duration,
}

fn main() {}
