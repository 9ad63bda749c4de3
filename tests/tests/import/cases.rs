//! Schemas of many shapes.

use tests::postgres;
use trust_schema::import::Became;
use trust_schema::live::server::Regime;

use crate::{dump, support};

const SHOP: &str = include_str!("shop.sql");

#[tokio::test]
async fn a_shop_comes_back() {
    let mut dumped = 0;
    for &major in postgres::majors() {
        let (original, copy) = (postgres::database(major, Regime::Hardened).await, postgres::database(major, Regime::Legacy).await);
        support::run(&original, SHOP).await;
        let imported = support::comes_back(major, &original, &copy, "shop").await;
        let told: Vec<String> = imported.findings.iter().filter(|finding| finding.became == Became::Left).map(|finding| format!("{}: {}", finding.object, finding.reason)).collect();
        assert_eq!(told, Vec::<String>::new(), "PostgreSQL {major}");
        dumped += usize::from(dump::same(major, &original, &copy, "shop"));
    }
    assert!(dumped > 0 || !postgres::majors().contains(&15));
}
