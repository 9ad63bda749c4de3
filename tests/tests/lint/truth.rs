//! What the rules hold for certain of an expression, PostgreSQL must confirm: random expressions, each evaluated for every row of a table of
//! all combinations. The value of each must be among those that the rules hold possible.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tests::postgres::{majors, plain_database};
use trust_schema::lint::expression::{Assumption, Truth, tree, truth};

const EXPRESSIONS: usize = 3000;

/// `a` and `p` hold no NULL; `b` and `q` may. `a`, `b` are integers, `p`, `q` booleans.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![Just("a"), Just("b"), Just("0"), Just("1"), Just("2"), Just("null::integer")].prop_map(str::to_owned);
    leaf.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("coalesce({x}, {y})")),
            (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("nullif({x}, {y})")),
            inner.prop_map(|x| format!("(select {x})")),
        ]
    })
}

fn condition() -> impl Strategy<Value = String> {
    let compared =
        (value(), prop_oneof![Just("="), Just("<>"), Just("<"), Just(">="), Just("is distinct from"), Just("is not distinct from")], value())
            .prop_map(|(x, operator, y)| format!("({x} {operator} {y})"));
    let plain = prop_oneof![Just("p"), Just("q"), Just("true"), Just("false"), Just("null::boolean"), Just("'t'::boolean")].prop_map(str::to_owned);
    let asked = (value(), prop_oneof![Just("is null"), Just("is not null")]).prop_map(|(x, test)| format!("({x} {test})"));
    let listed = (value(), value()).prop_map(|(x, y)| format!("({x} in (1, {y}))"));
    let between = (value(), value()).prop_map(|(x, y)| format!("({x} between {y} and 2)"));
    prop_oneof![compared, plain, asked, listed, between].prop_recursive(3, 16, 3, |inner| {
        let test =
            prop_oneof![Just("is true"), Just("is not true"), Just("is false"), Just("is not false"), Just("is unknown"), Just("is not unknown")];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" and "))),
            proptest::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" or "))),
            inner.clone().prop_map(|x| format!("(not {x})")),
            inner.clone().prop_map(|x| format!("({x} or not {x})")),
            inner.clone().prop_map(|x| format!("({x} and not {x})")),
            (inner.clone(), test).prop_map(|(x, test)| format!("({x} {test})")),
            (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("coalesce({x}, {y})")),
            (inner.clone(), inner).prop_map(|(x, y)| format!("({x} = {y})")),
        ]
    })
}

fn possible(text: &str) -> Truth {
    let tree = tree(text, "t").unwrap_or_else(|| panic!("`{text}` is not read"));
    truth(&tree, Assumption { not_null: &|column| column == "a" || column == "p", anonymous: false })
}

#[test]
fn postgresql_never_answers_what_is_held_impossible() {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = condition();
    let expressions: Vec<String> = (0..EXPRESSIONS).map(|_| strategy.new_tree(&mut runner).expect("an expression is made").current()).collect();
    let certain = expressions.iter().filter(|text| possible(text) != Truth::ANY).count();
    assert!(certain > EXPRESSIONS / 4, "of {certain} only is anything certain");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(async {
        for &major in majors() {
            let scratch = plain_database(major).await;
            let client = scratch.connect().await.expect("the deployer connects");
            let rows = "create temp table t as select a, b, p, q from unnest(array[0, 1, 2]) a, unnest(array[0, 1, 2, null]) b, \
                        unnest(array[true, false]) p, unnest(array[true, false, null]) q";
            client.batch_execute(rows).await.expect("the rows are made");
            for chunk in expressions.chunks(100) {
                let columns: Vec<String> = chunk
                    .iter()
                    .map(|text| format!("array[coalesce(bool_or({text}), false), coalesce(bool_or(not {text}), false), bool_or(({text}) is null)]"))
                    .collect();
                let row = client.query_one(&format!("select {} from t", columns.join(", ")), &[]).await.expect("the expressions are evaluated");
                for (place, text) in chunk.iter().enumerate() {
                    let seen: Vec<bool> = row.get(place);
                    let held = possible(text);
                    let fits = |value: bool, possible: bool| !value || possible;
                    let fine = fits(seen[0], held.can_be_true()) && fits(seen[1], held.can_be_false()) && fits(seen[2], held.can_be_unknown());
                    assert!(fine, "`{text}` on {major}: {seen:?}, held possible: {held:?}");
                }
            }
        }
    });
}
