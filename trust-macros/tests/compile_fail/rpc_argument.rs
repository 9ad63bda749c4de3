use trust_macros::Rpc;

#[derive(Rpc)]
#[rpc(schema = "public", name = "f", returns = "void")]
struct Call {
    untyped: String,
    #[rpc(type = "integer", default)]
    cost: i32,
    #[rpc(argument = "cost", type = "integer")]
    price: i32,
}

fn main() {}
