//! Random systems: a list of knobs, each with its variants, and the spec that they make. Neighbours differ in a few knobs.

use std::collections::BTreeMap;
use std::fmt::Write;

/// What can vary, and in how many ways; variant 0 is the plainest.
pub const KNOBS: &[(&str, usize)] = &[
    ("enum", 6),
    ("domain", 7),
    ("composite", 7),
    ("check_function", 7),
    ("number_function", 4),
    ("sequence", 4),
    ("id", 2),
    ("c1", 8),
    ("c2", 4),
    ("c3", 5),
    ("c4", 4),
    ("c5", 2),
    ("c6", 4),
    ("b", 3),
    ("b_id", 4),
    // The type of both.
    ("key", 2),
    ("order", 2),
    ("check", 6),
    ("unique", 4),
    ("index", 6),
    ("policy", 7),
    ("restrictive", 3),
    ("trigger", 4),
    ("view", 7),
    ("view_on_view", 3),
    ("access", 7),
    ("comment", 3),
    ("table", 4),
    ("schema", 3),
    ("seed", 4),
    ("execute", 3),
    // Functions that take and return types and rows, a column of `b` that has a type, and what stands on it.
    ("typed", 8),
    ("typed_policy", 2),
    ("kind", 5),
    ("on_kind", 5),
    ("joined", 3),
    ("above", 3),
    // Names: what is called otherwise in variant 1.
    ("n_table", 2),
    ("n_column", 2),
    ("n_enum", 2),
    ("n_value", 2),
    ("n_domain", 2),
    ("n_composite", 2),
    ("n_sequence", 2),
    ("n_function", 2),
    ("n_view", 2),
    ("n_b", 2),
    ("n_attribute", 3),
    // Two columns that have each other's name.
    ("n_exchange", 2),
    ("n_view_column", 2),
    // Parts of tables, which nobody has to declare.
    ("n_parts", 2),
];

/// A choice of variants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct System(pub Vec<usize>);

impl System {
    pub fn get(&self, knob: &str) -> usize {
        let place = KNOBS.iter().position(|(name, _)| *name == knob).unwrap_or_else(|| panic!("no knob {knob}"));
        self.0[place]
    }

    /// The knobs that differ.
    pub fn difference(&self, other: &System) -> String {
        let changed = KNOBS.iter().zip(self.0.iter().zip(&other.0)).filter(|(_, (a, b))| a != b);
        changed.map(|((name, _), (a, b))| format!("{name} {a}→{b}")).collect::<Vec<_>>().join(", ")
    }

    /// The module that it is.
    pub fn module(&self) -> String {
        let mut text = "[module]\nmigration = \"20260101000000_system\"\n".to_owned();
        let mut add = |part: String| {
            text.push('\n');
            text.push_str(&part);
        };
        let has_enum = self.get("enum") > 0;
        let values = ["", r#""a", "b", "c""#, r#""a", "b", "c", "d""#, r#""z", "a", "b", "c""#, r#""a", "c""#, r#""c", "b", "a""#][self.get("enum")];
        if has_enum {
            add(format!("[enum.status]\nvalues = [{values}]\ncomment = \"Of a.\"\n"));
        }
        let domain = [
            "",
            "nullable = true\ncheck = \"value <> 'x'\"",
            "nullable = true\ncheck = \"value <> 'y'\"",
            "nullable = true\ndefault = \"mail\"",
            "default = \"mail\"",
            "nullable = true",
            "nullable = true",
        ][self.get("domain")];
        if self.get("domain") > 0 {
            let base = ["text", "varchar(40)", "name"][self.get("domain").saturating_sub(4)];
            add(format!("[domain.mail]\ntype = \"{base}\"\n{domain}\n"));
        }
        let attributes = match self.get("composite") {
            1 => "x = \"integer\", y = \"integer\"",
            2 => "x = \"integer\", y = \"integer\", z = \"text\"",
            4 => "y = \"integer\", x = \"integer\"",
            6 if self.get("domain") > 0 => "x = \"integer\", m = \"mail\"",
            5 if has_enum => "x = \"integer\", k = \"status\", y = \"integer\"",
            _ => "x = \"integer\"",
        };
        if self.get("composite") > 0 {
            add(format!("[composite.pair]\nattributes = {{ {attributes} }}\n"));
        }
        self.functions(&mut add);
        if self.get("sequence") > 0 {
            let option = ["", "", "increment = 2", "maximum = 1000\ncycle = true"][self.get("sequence")];
            add(format!("[sequence.numbers]\n{option}\n"));
        }
        if self.get("schema") > 0 {
            add("[schema.extra]\ncomment = \"Beside.\"\n".to_owned());
            if self.get("schema") > 1 {
                add("[table.extra_rows]\nschema = \"extra\"\nprimary_key = [\"id\"]\ncolumns = { id = \"integer\" }\n".to_owned());
            }
        }
        if self.get("b") > 0 {
            let name = if self.get("b") == 2 { ", name = { type = \"text\", default = \"b\" }" } else { "" };
            let kind = self.kind().map(|(name, kind)| format!(", {name} = {{ type = \"{kind}\", nullable = true }}")).unwrap_or_default();
            let key = self.key();
            add(format!("[table.b]\nprimary_key = [\"b_id\"]\ncolumns = {{ b_id = \"{key}\"{name}{kind} }}\n{}", self.on_kind()));
            if self.get("seed") > 0 {
                let rows = [&[][..], &[1], &[1, 2], &[2, 3]][self.get("seed")];
                let quote = if key == "text" { "\"" } else { "" };
                let rows = rows.iter().map(|row| format!("{{ b_id = {quote}{row}{quote} }}")).collect::<Vec<_>>().join(", ");
                add(format!("[seed.b]\ntable = \"b\"\nkey = [\"b_id\"]\nrows = [{rows}]\n"));
            }
        }
        self.table(&mut add);
        self.views(&mut add);
        self.typed(&mut add);
        super::names::renamed(self, text)
    }

    /// The type of what refers to `b`, and of its key.
    fn key(&self) -> &'static str {
        ["integer", "text"][self.get("key")]
    }

    /// A column of `b`, and its type. Nothing converts one of these types to another: they are different columns.
    fn kind(&self) -> Option<(&'static str, &'static str)> {
        match self.get("kind") {
            1 if self.get("enum") > 0 => Some(("kind", "status")),
            2 if self.get("domain") > 0 => Some(("kind_m", "mail")),
            3 if self.get("composite") > 0 => Some(("kind_p", "pair")),
            4 if self.get("enum") > 0 => Some(("kinds", "status[]")),
            _ => None,
        }
    }

    /// What stands on that column.
    fn on_kind(&self) -> String {
        let Some((name, kind)) = self.kind() else { return String::new() };
        match self.get("on_kind") {
            1 if kind == "status" => "\n[table.b.index.b_kind_idx]\ncolumns = [\"kind\"]\nwhere = \"kind = 'a'\"\n".to_owned(),
            2 if kind == "status" => "\n[table.b.check.b_kind_check]\ncheck = \"kind is null or kind = 'a'\"\n".to_owned(),
            3 => format!("\n[table.b.unique.b_kind_key]\ncolumns = [\"{name}\", \"b_id\"]\n"),
            4 => format!("\n[table.b.policy.b_policy]\ncommand = \"select\"\nto = [\"authenticated\"]\nusing = \"{name} is not null\"\n"),
            _ => String::new(),
        }
    }

    /// Functions whose arguments and results are types and rows of the system.
    fn typed(&self, add: &mut dyn FnMut(String)) {
        let head = "summary = \"Of types.\"\neffect = \"read\"\nsecurity = \"invoker\"\nexecute = [\"authenticated\"]\n";
        let columns = self.columns();
        let has = |name: &str| columns.iter().any(|(known, _)| *known == name);
        let (has_enum, id) = (self.get("enum") > 0, ["integer", "bigint"][self.get("id")]);
        let text = match self.get("typed") {
            1 if has_enum => "args = [{ name = \"p_status\", type = \"status\", default = \"a\" }]\nreturns = \"text\"\nbody = \"begin return p_status::text; end\"\n".to_owned(),
            2 if self.get("composite") > 0 => "returns = \"pair\"\nbody = \"begin return null; end\"\n".to_owned(),
            3 if self.get("domain") > 0 => {
                "args = [{ name = \"p_mail\", type = \"mail\" }]\nreturns = \"mail\"\nbody = \"begin return p_mail; end\"\n".to_owned()
            }
            4 => "returns = { set_of = \"public.a\" }\nbody = \"begin return; end\"\n".to_owned(),
            5 if has("c1") => {
                format!("returns = {{ table = {{ id = \"{id}\" }} }}\nbody = \"begin return query select a.id from public.a as a where a.c1 is not null; end\"\n")
            }
            6 if has_enum => "args = [{ name = \"p_all\", type = \"status[]\" }]\nreturns = \"boolean\"\nbody = \"begin return 'a' = any (p_all); end\"\n".to_owned(),
            7 if self.get("b") > 0 => {
                let Some((name, kind)) = self.kind() else { return };
                format!("returns = \"{kind}\"\nbody = \"begin return (select b.{name} from public.b as b limit 1); end\"\n")
            }
            _ => return,
        };
        add(format!("[function.of_types]\n{head}{text}"));
    }

    fn functions(&self, add: &mut dyn FnMut(String)) {
        if let check @ 1.. = self.get("check_function") {
            let argument = if check == 4 { "p_other" } else { "p_id" };
            let default = if check == 5 { ", default = 1" } else { "" };
            let returns = if check == 3 { "bigint" } else { "boolean" };
            let value = ["", "p_id > 0", "p_id > -1", "p_id", "p_other > 0", "p_id > 0", "p_id > 0 and p_id < 1000000"][check];
            let execute = ["[]", "[\"authenticated\"]", "[\"authenticated\", \"service_role\"]"][self.get("execute")];
            add(format!(
                "[function.is_right]\nsummary = \"Whether it is right.\"\neffect = \"read\"\nvolatility = \"immutable\"\nsecurity = \"invoker\"\nexecute = {execute}\nargs = [{{ name = \"{argument}\", type = \"bigint\"{default} }}]\nreturns = \"{returns}\"\nbody = \"begin return {value}; end\"\n"
            ));
        }
        if let number @ 1.. = self.get("number_function") {
            let returns = if number == 3 { "bigint" } else { "integer" };
            add(format!(
                "[function.a_number]\nsummary = \"A number.\"\neffect = \"read\"\nsecurity = \"invoker\"\nreturns = \"{returns}\"\nbody = \"begin return {number}; end\"\n"
            ));
        }
    }

    /// The columns of `a` that there are, with their lines.
    fn columns(&self) -> Vec<(&'static str, String)> {
        let mut columns = vec![(
            "id",
            ["id = { type = \"integer\", identity = \"by_default\" }", "id = { type = \"bigint\", identity = \"by_default\" }"][self.get("id")]
                .to_owned(),
        )];
        let c1 = [
            "",
            "{ type = \"integer\", nullable = true }",
            "{ type = \"integer\", default = 1 }",
            "{ type = \"bigint\", nullable = true }",
            "{ type = \"text\", nullable = true }",
            "{ type = \"varchar(10)\", nullable = true, comment = \"Ten.\" }",
            "{ type = \"varchar(20)\", default = \"2\" }",
            "{ type = \"numeric(10, 2)\", nullable = true }",
        ][self.get("c1")];
        if !c1.is_empty() {
            columns.push(("c1", format!("c1 = {c1}")));
        }
        if self.get("enum") > 0 && self.get("c2") > 0 {
            let c2 =
                ["", "{ type = \"status\", nullable = true }", "{ type = \"status\", default = \"a\" }", "{ type = \"status[]\", nullable = true }"]
                    [self.get("c2")];
            // Nothing converts a value to a list of values: they are two columns.
            let name = if self.get("c2") == 3 { "c2s" } else { "c2" };
            columns.push((name, format!("{name} = {c2}")));
        }
        let c3 = [
            "",
            "{ type = \"bigint\", generated = \"id * 2\", nullable = true }",
            "{ type = \"bigint\", generated = \"id * 3\", nullable = true }",
            "{ type = \"bigint\", nullable = true }",
            "{ type = \"text\", generated = \"coalesce(c1::text, '-')\", nullable = true }",
        ][self.get("c3")];
        if !c3.is_empty() && (self.get("c3") != 4 || self.get("c1") > 0) {
            // Nothing converts any text to a number: they are two columns.
            let name = if self.get("c3") == 4 { "c3t" } else { "c3" };
            columns.push((name, format!("{name} = {c3}")));
        }
        if self.get("domain") > 0 && self.get("c4") > 0 {
            let c4 = ["", "{ type = \"mail\", nullable = true }", "{ type = \"mail\", default = \"m\" }", "{ type = \"mail[]\", nullable = true }"]
                [self.get("c4")];
            let name = if self.get("c4") == 3 { "c4s" } else { "c4" };
            columns.push((name, format!("{name} = {c4}")));
        }
        if self.get("composite") > 0 && self.get("c5") > 0 {
            columns.push(("c5", "c5 = { type = \"pair\", nullable = true }".to_owned()));
        }
        let c6 = match self.get("c6") {
            1 => "c6 = { type = \"bigint\", default = 6 }",
            2 if self.get("number_function") > 0 => "c6 = { type = \"bigint\", default = { sql = \"public.a_number()\" } }",
            3 if self.get("sequence") > 0 => "c6 = { type = \"bigint\", default = { sql = \"nextval('public.numbers')\" } }",
            _ => "",
        };
        if !c6.is_empty() {
            columns.push(("c6", c6.to_owned()));
        }
        if self.get("b") > 0 && self.get("b_id") > 0 {
            let reference = ["", "", ", references = \"b\"", ", references = \"b\", on_delete = \"cascade\""][self.get("b_id")];
            columns.push(("b_id", format!("b_id = {{ type = \"{}\", nullable = true{reference} }}", self.key())));
        }
        let above = ["", ", references = \"public.a\"", ", references = \"public.a\", on_delete = \"set_null\""][self.get("above")];
        if !above.is_empty() {
            let id = ["integer", "bigint"][self.get("id")];
            columns.push(("above", format!("above = {{ type = \"{id}\", nullable = true{above} }}")));
        }
        if self.get("order") == 1 {
            columns[1..].reverse();
        }
        columns
    }

    /// Whether there is the column.
    pub fn has_c6(&self) -> bool {
        match self.get("c6") {
            1 => true,
            2 => self.get("number_function") > 0,
            3 => self.get("sequence") > 0,
            _ => false,
        }
    }

    fn table(&self, add: &mut dyn FnMut(String)) {
        let columns = self.columns();
        let has = |name: &str| columns.iter().any(|(known, _)| *known == name);
        let is_right = self.get("check_function") > 0 && self.get("check_function") != 3;
        let mut text = String::from("[table.a]\nprimary_key = [\"id\"]\n");
        text.push_str(["", "unlogged = true\n", "force_row_level_security = true\n", ""][self.get("table")]);
        text.push_str(["", "comment = \"Rows.\"\n", "comment = \"Other rows.\"\n"][self.get("comment")]);
        let access = match self.get("access") {
            1 => "authenticated = [\"select\"]",
            2 => "authenticated = [\"select\", \"insert\", \"update\"]",
            3 if has("c1") => "authenticated = { select = [\"id\", \"c1\"] }",
            4 if has("c6") => "authenticated = { select = [\"id\", \"c6\"], insert = true }, service_role = [\"select\"]",
            5 => "service_role = [\"select\", \"insert\", \"update\", \"delete\"]",
            6 if has("c1") => "authenticated = { select = true, update = [\"c1\"] }",
            _ => "",
        };
        let _ = writeln!(text, "access = {{ {access} }}");
        let _ = writeln!(text, "\n[table.a.columns]\n{}", columns.iter().map(|(_, line)| line.as_str()).collect::<Vec<_>>().join("\n"));
        let check = match self.get("check") {
            1 => "id > 0",
            2 => "id > -1",
            3 if is_right => "public.is_right(id)",
            4 if has("c2") => "c2 is null or c2 = 'a' or id > 0",
            5 if has("c5") => "c5 is null or (c5).x > 0",
            _ => "",
        };
        if !check.is_empty() {
            let _ = writeln!(text, "\n[table.a.check.a_check]\ncheck = \"{check}\"");
        }
        let unique = match self.get("unique") {
            1 if has("c1") => "columns = [\"id\", \"c1\"]",
            2 if has("c6") => "columns = [\"c6\", \"id\"]",
            3 if has("b_id") => "columns = [\"b_id\", \"id\"]",
            _ => "",
        };
        if !unique.is_empty() {
            let _ = writeln!(text, "\n[table.a.unique.a_unique]\n{unique}");
        }
        let index = match self.get("index") {
            1 if has("c1") => "columns = [\"c1\"]",
            2 if has("c1") => "columns = [\"c1\"]\nwhere = \"id > 10\"",
            3 if has("c2") => "columns = [\"id\"]\nwhere = \"c2 = 'a'\"",
            4 if has("c1") => "columns = [{ expression = \"lower(c1::text)\" }]",
            5 if is_right => "columns = [{ expression = \"public.is_right(id)\" }]",
            _ => "",
        };
        if !index.is_empty() {
            let _ = writeln!(text, "\n[table.a.index.a_idx]\n{index}");
        }
        self.policies(&mut text, &has, is_right);
        let trigger = match self.get("trigger") {
            1 => Some("events = [\"update\"]"),
            2 if has("c1") => Some("events = [\"update\"]\nupdate_of = [\"c1\"]"),
            3 if has("c2") => Some("events = [\"update\"]\ncondition = \"new.c2 = 'a'\""),
            _ => None,
        };
        if let Some(trigger) = trigger {
            let _ = writeln!(text, "\n[table.a.trigger.a_trigger]\nwhen = \"before\"\nfor_each = \"row\"\nfunction = \"public.touch\"\n{trigger}");
        }
        add(text);
        add("[function.touch]\nsummary = \"Does nothing.\"\neffect = \"trigger\"\nreturns = \"trigger\"\nbody = \"begin return new; end\"\n"
            .to_owned());
    }

    fn policies(&self, text: &mut String, has: &dyn Fn(&str) -> bool, is_right: bool) {
        let policy = match self.get("policy") {
            1 => "command = \"select\"\nto = [\"authenticated\"]\nusing = \"id > 0\"",
            2 if has("c1") => "command = \"select\"\nto = [\"authenticated\"]\nusing = \"c1::text <> (select auth.uid())::text\"",
            3 => "command = \"select\"\nto = [\"authenticated\", \"service_role\"]\nusing = \"id > 1\"",
            4 => "command = \"insert\"\nto = [\"authenticated\"]\ncheck = \"id > 0\"",
            5 if is_right => "command = \"select\"\nto = [\"authenticated\"]\nusing = \"public.is_right(id)\"",
            6 if has("c2") => "command = \"select\"\nto = [\"authenticated\"]\nusing = \"c2 = 'a'\"",
            _ => "",
        };
        if self.get("typed") == 1 && self.get("typed_policy") == 1 && has("c2") {
            let using = "public.of_types(c2) <> ''";
            let _ = writeln!(text, "\n[table.a.policy.a_typed]\ncommand = \"delete\"\nto = [\"authenticated\"]\nusing = \"{using}\"");
        }
        if !policy.is_empty() {
            let _ = writeln!(text, "\n[table.a.policy.a_policy]\n{policy}");
        }
        let restrictive = match self.get("restrictive") {
            1 => "id < 1000",
            2 if has("c6") => "c6 < 1000",
            _ => "",
        };
        if !restrictive.is_empty() {
            let _ = writeln!(
                text,
                "\n[table.a.policy.a_floor]\nrestrictive = true\ncommand = \"select\"\nto = [\"authenticated\"]\nusing = \"{restrictive}\""
            );
        }
    }

    /// A view of both tables.
    fn joined(&self, add: &mut dyn FnMut(String)) {
        if self.get("joined") == 0 || self.get("b") == 0 || self.get("b_id") == 0 {
            return;
        }
        let kind = self.kind().filter(|_| self.get("joined") == 2);
        let (selected, column) = kind.map(|(name, kind)| (format!(", b.{name}"), format!(", {name} = \"{kind}\""))).unwrap_or_default();
        add(format!(
            "[view.both]\nquery = \"select a.id, b.b_id{selected} from public.a as a join public.b as b on a.b_id = b.b_id\"\ncolumns = {{ id = \"{}\", b_id = \"{}\"{column} }}\n",
            ["integer", "bigint"][self.get("id")],
            self.key()
        ));
    }

    fn views(&self, add: &mut dyn FnMut(String)) {
        let columns = self.columns();
        let types: BTreeMap<&str, &str> = [
            ("id", ["integer", "bigint"][self.get("id")]),
            ("c1", ["", "integer", "integer", "bigint", "text", "varchar(10)", "varchar(20)", "numeric(10, 2)"][self.get("c1")]),
        ]
        .into_iter()
        .chain([("c5x", "integer")])
        .collect();
        let has = |name: &str| columns.iter().any(|(known, _)| *known == name);
        let (query, result) = match self.get("view") {
            1 => ("select a.id from public.a as a", vec!["id"]),
            2 if has("c1") => ("select a.id, a.c1 from public.a as a", vec!["id", "c1"]),
            3 if has("c1") => ("select a.c1 from public.a as a", vec!["c1"]),
            4 if has("c2") => ("select a.id from public.a as a where a.c2 = 'a'", vec!["id"]),
            5 => ("select a.id from public.a as a where a.id > 5", vec!["id"]),
            6 if has("c5") => ("select a.id, (a.c5).x as c5x from public.a as a", vec!["id", "c5x"]),
            _ => return self.joined(add),
        };
        self.joined(add);
        let first = result[0];
        let called = if self.get("n_view_column") == 1 { "key" } else { first };
        let list = |names: &[&str], called: &str| {
            let names = names.iter().map(|name| format!("{} = \"{}\"", if *name == first { called } else { name }, types[name]));
            names.collect::<Vec<_>>().join(", ")
        };
        add(format!("[view.v]\nquery = \"{query}\"\ncolumns = {{ {} }}\naccess = {{ authenticated = [\"select\"] }}\n", list(&result, called)));
        if self.get("view_on_view") > 0 {
            let condition = ["", "", " where v.{} is not null"][self.get("view_on_view")].replace("{}", called);
            add(format!(
                "[view.w]\nquery = \"select v.{called} from public.v as v{condition}\"\ncolumns = {{ {} }}\ncomment = \"On v.\"\n",
                list(&[first], first)
            ));
        }
    }
}
