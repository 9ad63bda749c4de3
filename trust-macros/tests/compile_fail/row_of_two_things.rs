use trust_macros::Row;

#[derive(Row)]
#[row(schema = "public", table = "orders", view = "open_orders")]
struct Orders {
    #[column(type = "text")]
    status: String,
}

#[derive(Row)]
#[row(schema = "public")]
struct Nothing {}

fn main() {}
