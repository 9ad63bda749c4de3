//! `composite_keys` and `tenant_led_indexes` are turned on where rows are already: there, and back.

use std::path::Path;

use tests::compile::{Compiled, compile, folder};
use tests::postgres::{any_major, database};
use trust_schema::evolution::Manner;
use trust_schema::live::server::Regime;

use super::run::{build, catalog, differences, found, run_part, text, way};

/// The case of a tenancy. Its key that sets NULL would not compile without the tenant in it.
fn case(is_on: bool) -> Compiled {
    let mut files = folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/kinds/tenancy"));
    for file in &mut files {
        file.text = file.text.replace(", on_delete = \"set_null\"", "");
        if !is_on {
            file.text = file.text.replace("composite_keys     = true", "").replace("tenant_led_indexes = true", "");
        }
    }
    compile(files)
}

const ROWS: &str = "
    insert into auth.users (id) values ('00000000-0000-0000-0000-000000000001');
    insert into public.tenants values ('00000000-0000-0000-0000-000000000002');
    insert into public.boards (board_id, tenant_id) values ('00000000-0000-0000-0000-000000000003', '00000000-0000-0000-0000-000000000002');
    insert into public.cards (tenant_id, board_id) values ('00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-000000000003');";

#[tokio::test]
async fn keys_and_indexes_are_turned_on_and_off_with_rows_there() {
    let (old, new) = (case(false), case(true));
    for manner in [Manner::AtOnce, Manner::Online] {
        let (there, back) =
            (way(catalog(&old), catalog(&new), manner).expect("a way there"), way(catalog(&new), catalog(&old), manner).expect("a way back"));
        let sql = text(&there);
        assert!(sql.contains("cards_board_id_fkey FOREIGN KEY (tenant_id, board_id) REFERENCES public.boards (tenant_id, board_id)"), "{sql}");
        let fresh = database(any_major(), Regime::Legacy).await;
        build(&fresh.connect().await.expect("a connection"), &new).await.unwrap_or_else(|error| panic!("{error}"));
        let scratch = database(any_major(), Regime::Legacy).await;
        let (client, administrator) =
            (scratch.connect().await.expect("a connection"), scratch.connect_as_administrator().await.expect("a connection"));
        build(&client, &old).await.unwrap_or_else(|error| panic!("{error}"));
        administrator.batch_execute(ROWS).await.expect("the rows");
        let start = found(&administrator).await;
        for part in &there.parts {
            run_part(&client, part).await.unwrap_or_else(|error| panic!("{error}"));
        }
        let wrong = differences(&found(&fresh.connect_as_administrator().await.expect("a connection")).await, &found(&administrator).await);
        assert!(wrong.is_empty(), "it does not lead where a fresh build does:\n{}", wrong.join("\n"));
        for part in &back.parts {
            run_part(&client, part).await.unwrap_or_else(|error| panic!("{error}"));
        }
        let wrong = differences(&start, &found(&administrator).await);
        assert!(wrong.is_empty(), "it does not lead back:\n{}", wrong.join("\n"));
    }
}
