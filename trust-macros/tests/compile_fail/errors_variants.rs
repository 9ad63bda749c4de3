use trust_macros::Errors;

#[derive(Errors)]
enum Error {
    #[declared(name = "limited", sqlstate = "PT429", status = 409)]
    Limited(Raised),
    #[declared(name = "refused", sqlstate = "pt1", status = 4030)]
    Refused(Raised),
    #[declared(name = "missing", sqlstate = "PT404")]
    Missing(Raised),
    Undeclared(Raised),
    #[declared(name = "bare", sqlstate = "PT400", status = 400)]
    Bare,
    #[declared(name = "bare", sqlstate = "PT400", status = 400)]
    Again(Raised),
    #[database(all)]
    Database(tokio_postgres::Error),
    #[database]
    Connection(tokio_postgres::Error),
}

#[derive(Errors)]
enum Partial {
    #[declared(name = "limited", sqlstate = "PT429", status = 429)]
    Limited(Raised),
}

fn main() {}
