//! Effective access: equal to what PostgreSQL answers.

mod attempts;
mod oracle;
mod sabotage;
mod specs;
