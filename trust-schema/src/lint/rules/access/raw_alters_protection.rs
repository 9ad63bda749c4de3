//! `raw-alters-protection`

use crate::lint::rules::shared::*;

rule! {
    "TL0122" "raw-alters-protection" Warn;
    "A raw block may take away what protects an object";
    why "Row-level security, revoked privileges and a view's barrier are what the compiler gives each object; a block that says `alters` may undo them, and nobody computes what it grants. The verification then leaves the object's protection to the block.";
    mend "say it in the spec's own words, and take the object from `alters`";
    claims ["rows_are_open_without_row_level_security"];
    bad Spec r#"[table.log]
primary_key = ["entry_id"]
columns = { entry_id = "uuid", message = "text" }

[raw.open]
summary = "Everybody reads the log."
up      = "alter table public.log disable row level security"
down    = "alter table public.log enable row level security"
verify  = "select true"
alters  = ["table public.log"]
"#;
    good Spec r#"[table.log]
primary_key = ["entry_id"]
columns = { entry_id = "uuid", message = "text" }

[raw.options]
summary = "Pages are left half empty."
up      = "alter table public.log set (fillfactor = 50)"
down    = "alter table public.log reset (fillfactor)"
verify  = "select true"
needs   = ["table public.log"]
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, entry) in context.catalog.iter() {
        let Object::Raw(raw) = &entry.object else { continue };
        for altered in &raw.alters {
            findings.add(id, format!("raw block `{}` alters {altered}", raw.name));
        }
    }
}
