//! What the compiler would generate for `schema.sql`, but for the paths: these types live outside of the generated crate.

use trust_lite::{
    Errors, PostgresComposite, PostgresDomain, PostgresEnum, Row, Rpc,
    support::{Interval, Network, Raised},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PostgresEnum)]
#[postgres(schema = "sales", name = "Order Status", support = "trust_lite::support")]
pub enum OrderStatus {
    #[postgres(label = "new")]
    New,
    #[postgres(label = "in progress")]
    InProgress,
    #[postgres(label = "done")]
    Done,
}

/// An older build of the same enum, which lacks a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PostgresEnum)]
#[postgres(schema = "sales", name = "Order Status", support = "trust_lite::support")]
pub enum OlderStatus {
    #[postgres(label = "new")]
    New,
    #[postgres(label = "done")]
    Done,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PostgresDomain)]
#[postgres(schema = "sales", name = "positive", support = "trust_lite::support")]
pub struct Positive(pub i32);

#[derive(Clone, Debug, PartialEq, PostgresComposite)]
#[postgres(schema = "sales", name = "address", support = "trust_lite::support")]
pub struct Address {
    // Not the order of the type: attributes are matched by name.
    pub note: Option<String>,
    pub street: String,
    pub number: Positive,
    #[postgres(attribute = "status")]
    pub state: Option<OrderStatus>,
}

#[derive(Clone, Debug, PartialEq, Row)]
#[row(schema = "sales", table = "everything", support = "trust_lite::support")]
pub struct Everything {
    #[column(type = "uuid", default)]
    pub id: uuid::Uuid,
    #[column(type = "boolean")]
    pub flag: bool,
    #[column(type = "smallint")]
    pub small: i16,
    #[column(type = "integer")]
    pub middle: i32,
    #[column(type = "bigint")]
    pub big: i64,
    #[column(type = "real")]
    pub single: f32,
    #[column(type = "double precision")]
    pub double: f64,
    #[column(type = "numeric(12,4)")]
    pub amount: rust_decimal::Decimal,
    #[column(type = "text")]
    pub title: String,
    #[column(type = "character varying(10)")]
    pub code: String,
    #[column(type = "timestamptz")]
    pub at: jiff::Timestamp,
    #[column(type = "timestamp")]
    pub local: jiff::civil::DateTime,
    #[column(type = "date")]
    pub day: jiff::civil::Date,
    #[column(type = "time")]
    pub clock: jiff::civil::Time,
    #[column(type = "interval")]
    pub span: Interval,
    #[column(type = "jsonb")]
    pub document: serde_json::Value,
    #[column(type = "json")]
    pub plain: serde_json::Value,
    #[column(type = "bytea")]
    pub content: Vec<u8>,
    #[column(type = "inet")]
    pub host: Network,
    #[column(type = "cidr")]
    pub network: Network,
    #[column(type = "text[]")]
    pub tags: Vec<String>,
    #[column(type = "sales.\"Order Status\"")]
    pub status: OrderStatus,
    #[column(type = "sales.\"Order Status\"[]")]
    pub history: Vec<OrderStatus>,
    #[column(type = "sales.address")]
    pub address: Address,
    #[column(type = "sales.address[]")]
    pub addresses: Vec<Address>,
    #[column(type = "sales.positive")]
    pub quantity: Positive,
    #[column(type = "sales.positive[]")]
    pub quantities: Vec<Positive>,
    #[column(type = "tsvector", text)]
    pub words: String,
    #[column(type = "int4range[]", text)]
    pub ranges: Vec<String>,
    #[column(type = "text")]
    pub r#type: Option<String>,
    #[column(type = "numeric")]
    pub cost: Option<rust_decimal::Decimal>,
    #[column(type = "timestamptz")]
    pub closed_at: Option<jiff::Timestamp>,
    #[column(type = "sales.\"Order Status\"")]
    pub previous: Option<OrderStatus>,
    #[column(type = "sales.address")]
    pub billing: Option<Address>,
}

#[derive(Debug, Errors)]
#[errors(support = "trust_lite::support")]
pub enum Failure {
    #[declared(name = "order_closed", sqlstate = "PT409", status = 409)]
    OrderClosed(Raised),
    #[database]
    Database(tokio_postgres::Error),
}

/// The calls, which differ in little but the function's name.
macro_rules! calls {
    ($($(#[$attribute:meta])* $name:ident { $($(#[$argument:meta])* $field:ident: $ty:ty),* })*) => {
        $(
            #[derive(Debug, Rpc)]
            $(#[$attribute])*
            #[rpc(schema = "sales", support = "trust_lite::support", error = "Failure")]
            pub struct $name { $($(#[$argument])* pub $field: $ty),* }
        )*
    };
}

calls! {
    #[rpc(name = "remember", returns = "void")]
    Remember {
        #[rpc(argument = "p_note", type = "text")] note: String
    }
    #[rpc(name = "add", returns = "scalar", output = "String")]
    Add {
        #[rpc(argument = "p_left", type = "integer")] left: i32,
        #[rpc(argument = "p_right", type = "integer", default)] right: Option<i32>,
        #[rpc(argument = "p_note", type = "text", default)] note: Option<Option<String>>
    }
    #[rpc(name = "defaults", returns = "scalar", output = "String")]
    Defaults {
        #[rpc(argument = "p_status", type = "sales.\"Order Status\"", default)] status: Option<OrderStatus>,
        #[rpc(argument = "p_quantity", type = "sales.positive", default)] quantity: Option<Positive>
    }
    #[rpc(name = "count_to", returns = "set", output = "i64")]
    CountTo {
        #[rpc(argument = "p_last", type = "bigint")] last: i64
    }
    #[rpc(name = "quantities", returns = "set", output = "Positive")]
    Quantities {}
    #[rpc(name = "history", returns = "rows", output = "HistoryRow")]
    History {
        #[rpc(argument = "p_status", type = "sales.\"Order Status\"")] status: OrderStatus,
        #[rpc(argument = "p_limit", type = "integer", default)] limit: Option<i32>
    }
    #[rpc(name = "totals", returns = "row", output = "TotalsRow")]
    Totals {}
    #[rpc(name = "move", returns = "scalar", output = "Address")]
    Move {
        #[rpc(argument = "p_address", type = "sales.address")] address: Address
    }
    #[rpc(name = "search", returns = "scalar", output = "String", text)]
    Search {
        #[rpc(argument = "p_words", type = "tsvector", text)] words: String,
        #[rpc(argument = "p_ranges", type = "int4range[]", text)] ranges: Vec<String>
    }
    #[rpc(name = "nothing", returns = "scalar", output = "Option<i32>")]
    Nothing {}
    #[rpc(name = "nothing", returns = "scalar", output = "i32")]
    Something {}
    #[rpc(name = "Odd \"Name\"", returns = "scalar", output = "String")]
    OddName {
        #[rpc(argument = "Order", type = "integer")] order: i32,
        #[rpc(type = "text", default)] select: Option<String>
    }
    #[rpc(name = "fail", returns = "void")]
    Fail {
        #[rpc(argument = "p_how", type = "text")] how: String
    }
}

#[derive(Debug, PartialEq, Row)]
#[row(schema = "sales", function = "history", support = "trust_lite::support")]
pub struct HistoryRow {
    #[column(type = "integer")]
    pub position: i32,
    #[column(type = "sales.\"Order Status\"")]
    pub status: OrderStatus,
    #[column(type = "tsvector", text)]
    pub words: String,
    #[column(type = "text")]
    pub note: Option<String>,
}

#[derive(Debug, PartialEq, Row)]
#[row(schema = "sales", function = "totals", support = "trust_lite::support")]
pub struct TotalsRow {
    #[column(type = "bigint")]
    pub orders: i64,
    #[column(type = "numeric")]
    pub amount: rust_decimal::Decimal,
}
