#[cfg(feature = "live")]
pub mod live;
