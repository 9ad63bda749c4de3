//! PostgreSQL's `interval`.

use bytes::{BufMut, BytesMut};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};

use super::ConversionError;

/// An `interval` as PostgreSQL keeps it: three numbers, since a month is no fixed number of days and a day no fixed number
/// of hours. The derived equality compares the numbers: `24 hours` and `1 day`, equal to PostgreSQL, differ here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Interval {
    /// Months, years included.
    pub months: i32,
    /// Days, weeks included.
    pub days: i32,
    /// The rest, in microseconds.
    pub microseconds: i64,
}

// The binary format is that of `interval_send`: microseconds, days, months, big-endian.
impl<'a> FromSql<'a> for Interval {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, ConversionError> {
        let bytes: &[u8; 16] = raw.try_into().map_err(|_| "an interval has 16 bytes")?;
        let value = i128::from_be_bytes(*bytes);
        Ok(Interval { microseconds: (value >> 64) as i64, days: (value >> 32) as i32, months: value as i32 })
    }

    accepts!(INTERVAL);
}

impl ToSql for Interval {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, ConversionError> {
        out.put_i64(self.microseconds);
        out.put_i32(self.days);
        out.put_i32(self.months);
        Ok(IsNull::No)
    }

    accepts!(INTERVAL);
    to_sql_checked!();
}
