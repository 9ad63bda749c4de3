//! Each migration forth and back, with the data of the earlier ones in place.

use std::collections::BTreeMap;

use trust_schema::live::server::Regime;

use crate::support::{checksums, migrations, populated, run_file, state};

#[tokio::test]
async fn rolling_one_back_leaves_the_data_of_the_earlier_ones() {
    let ground = populated(Regime::Legacy).await;
    let deployer = ground.database.connect().await.expect("a session");
    let administrator = ground.database.connect_as_administrator().await.expect("a session");
    // Rows of our own beside the seeds.
    deployer
        .batch_execute(
            "insert into public.scope_definitions (scope) values ('own:scope');
             insert into public.rate_limit_configs (scope, action, algorithm, limit_value, window_seconds) values ('actor', 'own', 'fixed_window', 1, 1)",
        )
        .await
        .expect("own rows");
    let held = state(&ground.database).await.catalog;
    let all = migrations();
    for (place, name) in all.iter().enumerate().rev() {
        let earlier = checksums(&administrator).await;
        run_file(&deployer, &format!("rollback/{name}")).await;
        let left = checksums(&administrator).await;
        if place == all.len() - 1 {
            let own = "select (select count(*) from public.scope_definitions where scope = 'own:scope'),
                              (select count(*) from public.scope_definitions), (select count(*) from public.rate_limit_configs where action = 'own')";
            let row = administrator.query_one(own, &[]).await.expect("own rows");
            assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1), row.get::<_, i64>(2)), (1, 1, 1));
        }
        let seeded = |table: &String| place == all.len() - 1 && ["scope_definitions", "rate_limit_configs"].contains(&table.as_str());
        let same: BTreeMap<_, _> = left.iter().filter(|(table, _)| !seeded(table)).collect();
        let expected: BTreeMap<_, _> = earlier.iter().filter(|(table, _)| left.contains_key(*table) && !seeded(table)).collect();
        assert_eq!(same, expected, "{name}");
        // Forward again, and back once more: the same.
        run_file(&deployer, &format!("migrations/{name}")).await;
        run_file(&deployer, &format!("rollback/{name}")).await;
        let again = checksums(&administrator).await;
        assert_eq!(again, left, "{name}");
    }
    assert_eq!(state(&ground.database).await, ground.before);
    for name in &all {
        run_file(&deployer, &format!("migrations/{name}")).await;
    }
    assert_eq!(state(&ground.database).await.catalog, held);
}
