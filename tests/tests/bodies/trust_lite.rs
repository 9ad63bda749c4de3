//! Trust-lite.
