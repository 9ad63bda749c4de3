use trust_macros::{PostgresDomain, Row};

#[derive(Row)]
#[row(schema = "public", table = "orders")]
struct Orders<T> {
    #[column(type = "text")]
    status: T,
}

#[derive(PostgresDomain)]
#[postgres(schema = "public", name = "label")]
struct Label<'a>(&'a str);

fn main() {}
