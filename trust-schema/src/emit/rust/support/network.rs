//! PostgreSQL's `inet` and `cidr`.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use bytes::{BufMut, BytesMut};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};

use super::ConversionError;

/// `PGSQL_AF_INET` and `PGSQL_AF_INET6` of PostgreSQL's `utils/inet.h`: the same on every system, unlike `AF_INET6`.
const VERSION_4: u8 = 2;
const VERSION_6: u8 = 3;

/// An address with the length of its network prefix: an `inet` or `cidr`. (A `String` would be refused by PostgreSQL's
/// binary format, and `IpAddr` alone would drop the prefix.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network {
    /// The address.
    pub address: IpAddr,
    /// The prefix length: 32 or 128 for a single host.
    pub prefix: u8,
}

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        Network { address, prefix: if address.is_ipv4() { 32 } else { 128 } }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.address, self.prefix)
    }
}

// The binary format is that of `network_send`: family, prefix, whether it is a cidr, number of bytes, bytes.
impl<'a> FromSql<'a> for Network {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, ConversionError> {
        let [family, prefix, _, _, bytes @ ..] = raw else {
            return Err("an inet has at least four bytes".into());
        };
        let address = match *family {
            VERSION_4 => IpAddr::from(<[u8; 4]>::try_from(bytes)?),
            VERSION_6 => IpAddr::from(<[u8; 16]>::try_from(bytes)?),
            other => return Err(format!("an inet of the unknown family {other}").into()),
        };
        Ok(Network { address, prefix: *prefix })
    }

    accepts!(INET, CIDR);
}

impl ToSql for Network {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, ConversionError> {
        let is_cidr = u8::from(*ty == Type::CIDR);
        match self.address {
            IpAddr::V4(address) => {
                out.put_slice(&[VERSION_4, self.prefix, is_cidr, (Ipv4Addr::BITS / 8) as u8]);
                out.put_slice(&address.octets());
            }
            IpAddr::V6(address) => {
                out.put_slice(&[VERSION_6, self.prefix, is_cidr, (Ipv6Addr::BITS / 8) as u8]);
                out.put_slice(&address.octets());
            }
        }
        Ok(IsNull::No)
    }

    accepts!(INET, CIDR);
    to_sql_checked!();
}
