//! The PostgreSQL types of the Rust types that come from other crates. The standard library's are in `column`.

use super::{Interval, Mapped, Network, Shape};

macro_rules! mapped {
    ($($rust:ty => $($name:literal)+;)+) => {
        $(impl Mapped for $rust {
            const SHAPE: Shape = Shape { names: &[$($name),+], array: false, nullable: false };
        })+
    };
}

mapped! {
    uuid::Uuid => "uuid";
    rust_decimal::Decimal => "numeric" "decimal";
    jiff::Timestamp => "timestamptz" "timestamp with time zone";
    jiff::civil::DateTime => "timestamp" "timestamp without time zone";
    jiff::civil::Date => "date";
    jiff::civil::Time => "time" "time without time zone";
    serde_json::Value => "jsonb" "json";
    Interval => "interval";
    Network => "inet" "cidr";
}
