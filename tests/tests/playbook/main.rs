//! The operations of Trust-lite, on databases with data and with traffic running: kill switches, rollbacks, redeployment, the schedules under
//! pg_cron, and every step of the generated playbook.

mod cron;
mod document;
mod kill_switches;
mod metrics;
mod migrations;
mod people;
mod redeployment;
mod rollbacks;
mod support;
mod traffic;
mod walk;
