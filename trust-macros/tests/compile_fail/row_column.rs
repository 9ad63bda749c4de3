use trust_macros::Row;

#[derive(Row)]
#[row(schema = "public", table = "orders")]
struct Orders {
    status: String,
    #[column(type = "integer", nullable)]
    total: Option<i32>,
    #[column(type = "text", default = "''")]
    note: String,
    #[column(name = "note", type = "text")]
    remark: String,
}

fn main() {}
