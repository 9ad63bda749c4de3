//! Deployments on real servers: applying and rolling back, and the faults that they have to survive. Each test of a fault prints how many
//! runs there were, how many survived, and how many went wrong; none may. A thinned matrix is run unless `TRUST_DEPLOY_FULL` is set.

mod alone;

mod appliers;
mod backfills;
mod backups;
mod connections;
mod converge;
mod drift;
mod faults;
mod fleets;
mod history;
mod kept;
mod oldest;
mod pooler;
mod program;
mod proxy;
mod reductions;
mod refusals;
mod remedies;
mod rollbacks;
mod servers;
mod settings;
mod support;
