//! Deployed again after a full rollback, a database is what it was after the first deployment.

use trust_schema::live::server::Regime;

use crate::people;
use crate::support::{before, file, migrate, run_file, state};

#[tokio::test]
async fn the_second_deployment_is_the_first() {
    for regime in Regime::ALL {
        let (database, users) = before(regime).await;
        let empty = state(&database).await;
        let deployer = database.connect().await.expect("a session");
        migrate(&deployer).await;
        let first = state(&database).await;
        people::populate(&database, &deployer, users.clone()).await;
        run_file(&deployer, "rollback/full.sql").await;
        assert_eq!(state(&database).await, empty, "{regime}");
        migrate(&deployer).await;
        let second = state(&database).await;
        assert_eq!(second.catalog, first.catalog, "{regime}");
        assert_eq!(second.snapshot, first.snapshot, "{regime}");
        deployer.batch_execute(&file("verification/assert.sql")).await.expect("verified");
        // And it works: the same people come back.
        people::populate(&database, &deployer, users).await;
    }
}
