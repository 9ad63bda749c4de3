//! The binary format of composite types, that of PostgreSQL's `record_send`: the number of attributes, then for each its
//! type's OID, its length or -1 for NULL, and its bytes.

use bytes::{BufMut, BytesMut};
use tokio_postgres::types::{FromSql, IsNull, Kind, ToSql, Type};

use super::{ConversionError, is_type};

/// Whether a Rust type can hold a PostgreSQL type.
type Accepts = fn(&Type) -> bool;

/// Whether `ty` is the composite of this schema and name, and has exactly these attributes, each of a type that is accepted.
pub fn composite_accepts(ty: &Type, schema: &str, name: &str, attributes: &[(&str, Accepts)]) -> bool {
    let Kind::Composite(fields) = ty.kind() else {
        return false;
    };
    is_type(ty, schema, name)
        && fields.len() == attributes.len()
        && fields.iter().all(|field| attributes.iter().any(|(attribute, accepts)| *attribute == field.name() && accepts(field.type_())))
}

/// Writes a composite value, its attributes in the type's order.
///
/// # Errors
/// If `ty` is no composite, an attribute of it has no value, or a value does not convert.
pub fn write_composite(ty: &Type, values: &[(&str, &(dyn ToSql + Sync))], out: &mut BytesMut) -> Result<IsNull, ConversionError> {
    let Kind::Composite(fields) = ty.kind() else {
        return Err(format!("`{ty}` is no composite type").into());
    };
    out.put_i32(i32::try_from(fields.len())?);
    for field in fields {
        let Some((_, value)) = values.iter().find(|(name, _)| *name == field.name()) else {
            return Err(format!("no value for the attribute `{}` of `{ty}`", field.name()).into());
        };
        out.put_u32(field.type_().oid());
        let at = out.len();
        out.put_i32(-1);
        if let IsNull::No = value.to_sql_checked(field.type_(), out)? {
            let length = i32::try_from(out.len() - at - size_of::<i32>())?;
            if let Some(prefix) = out.get_mut(at..at + size_of::<i32>()) {
                prefix.copy_from_slice(&length.to_be_bytes());
            }
        }
    }
    Ok(IsNull::No)
}

/// A composite value, split into its attributes.
pub struct CompositeReader<'a> {
    attributes: Vec<(&'a str, &'a Type, Option<&'a [u8]>)>,
}

impl<'a> CompositeReader<'a> {
    /// Splits a value of the type `ty`.
    ///
    /// # Errors
    /// If `ty` is no composite, or the bytes are not a value of it.
    pub fn new(ty: &'a Type, mut raw: &'a [u8]) -> Result<Self, ConversionError> {
        let Kind::Composite(fields) = ty.kind() else {
            return Err(format!("`{ty}` is no composite type").into());
        };
        let count = read_i32(&mut raw)?;
        if usize::try_from(count) != Ok(fields.len()) {
            return Err(format!("`{ty}` has {} attributes, the value has {count}", fields.len()).into());
        }
        let mut attributes = Vec::with_capacity(fields.len());
        for field in fields {
            let oid = read_i32(&mut raw)?.cast_unsigned();
            if oid != field.type_().oid() {
                return Err(format!("the attribute `{}` of `{ty}` has another type", field.name()).into());
            }
            let value = match usize::try_from(read_i32(&mut raw)?) {
                Ok(length) => Some(raw.split_off(..length).ok_or("a composite value ends too early")?),
                Err(_) => None,
            };
            attributes.push((field.name(), field.type_(), value));
        }
        Ok(CompositeReader { attributes })
    }

    /// The value of one attribute.
    ///
    /// # Errors
    /// If there is no such attribute, or its value does not convert.
    pub fn get<T: FromSql<'a>>(&self, name: &str) -> Result<T, ConversionError> {
        let (_, ty, value) = self
            .attributes
            .iter()
            .find(|(attribute, ..)| *attribute == name)
            .ok_or_else(|| format!("the composite value has no attribute `{name}`"))?;
        T::from_sql_nullable(ty, *value).map_err(|error| format!("attribute `{name}`: {error}").into())
    }
}

fn read_i32(raw: &mut &[u8]) -> Result<i32, ConversionError> {
    let (bytes, rest) = raw.split_first_chunk::<4>().ok_or("a composite value ends too early")?;
    *raw = rest;
    Ok(i32::from_be_bytes(*bytes))
}
