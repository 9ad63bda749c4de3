use trust_macros::Rpc;

#[derive(Rpc)]
#[rpc(schema = "public", name = "f", returns = "table")]
struct Unknown {}

#[derive(Rpc)]
#[rpc(schema = "public", name = "f", returns = "scalar")]
struct WithoutOutput {}

#[derive(Rpc)]
#[rpc(schema = "public", name = "f", returns = "void", output = "i64")]
struct VoidWithOutput {}

#[derive(Rpc)]
#[rpc(schema = "public", name = "f", returns = "set", output = "Vec<")]
struct NoType {}

fn main() {}
