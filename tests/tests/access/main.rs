//! Effective access: equal to what PostgreSQL answers.

mod attempts;
mod oracle;
mod random;
mod sabotage;
mod specs;
