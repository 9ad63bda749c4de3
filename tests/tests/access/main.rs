//! Effective access: equal to what PostgreSQL answers.

mod attempts;
mod guards;
mod oracle;
mod random;
mod sabotage;
mod specs;
