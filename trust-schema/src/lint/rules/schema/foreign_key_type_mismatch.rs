//! `foreign-key-type-mismatch`

use crate::lint::rules::shared::*;

rule! {
    "TL0513" "foreign-key-type-mismatch" Warn;
    "The columns of a foreign key have another type than the key";
    why "Every check and every join converts, and an index of the other type may not serve; values that fit one side need not fit the other.";
    mend "give both the same type";
    claims ["foreign_keys_join_across_types"];
    bad Sql r#"create table public.a (a_id bigint primary key);
create table public.b (b_id bigint primary key, a_id integer references public.a);"#;
    good Sql r#"create table public.a (a_id bigint primary key);
create table public.b (b_id bigint primary key, a_id bigint references public.a);"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for view in &context.tables {
        for key in &view.foreign_keys {
            let Some(other) = context.table(&key.references) else { continue };
            let differs = |(column, referenced): (&String, &String)| {
                let pair = view.column(column).zip(other.column(referenced));
                pair.is_some_and(|(own, referenced)| own.data_type != referenced.data_type)
            };
            if key.columns.iter().zip(&key.referenced_columns).any(differs) {
                let id = Id::part(Kind::ForeignKey, &view.table.name, &key.name);
                findings.add(&id, format!("foreign key `{}` of `{}` has other types than `{}`", key.name, view.table.name, key.references));
            }
        }
    }
}
