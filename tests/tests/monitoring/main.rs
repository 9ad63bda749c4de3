//! Monitoring: what the exporter asks gives the right figures on real PostgreSQL, every alert is provoked, and the files pass their own tools.

mod alerts;
mod exporter;
mod figures;
mod hostile;
#[path = "../typescript/node.rs"]
mod node;
mod plans;
mod spec;
mod support;
mod tools;
#[path = "../hostile/values.rs"]
mod values;
