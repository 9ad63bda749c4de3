//! Which kind needs which: a new kind is covered by a line in each list.

use trust_schema::kinds::Kind;

/// What happens where a later migration declares what is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Later {
    /// It is created in the later migration, too.
    Follows,
    /// It is refused: it would leave a gap, or cannot be added afterwards.
    Refused,
    /// Nothing is needed when it is created.
    Free,
}

/// An object that others need: its name in the lists, and its declaration.
pub struct Provider {
    pub name: &'static str,
    pub toml: &'static str,
}

/// An object that needs a provider.
pub struct Consumer {
    /// What it is, for messages.
    pub name: &'static str,
    pub kind: Kind,
    pub needs: &'static str,
    pub later: Later,
    pub toml: &'static str,
}

pub const PROVIDERS: &[Provider] = &[
    Provider { name: "schema", toml: "[schema.s2]\ncomment = 'A schema.'\naccess = { service_role = ['usage'] }" },
    Provider { name: "enum", toml: "[enum.e]\nvalues = ['x', 'y']\ncomment = 'An enum.'\naccess = { service_role = ['usage'] }" },
    Provider {
        name: "domain",
        toml: "[domain.d]\ntype = 'integer'\ncheck = 'value > 0'\ncomment = 'A domain.'\naccess = { service_role = ['usage'] }",
    },
    Provider { name: "composite", toml: "[composite.c]\nattributes = { a = 'integer' }\ncomment = 'A type.'\naccess = { service_role = ['usage'] }" },
    Provider { name: "sequence", toml: "[sequence.s]\ncomment = 'A sequence.'\naccess = { service_role = ['usage'] }" },
    Provider {
        name: "table",
        toml: "[table.t]\nprimary_key = ['id']\ncolumns = { id = { type = 'integer', comment = 'Identity.' } }\ncomment = 'A table.'\naccess = { authenticated = { select = ['id'] } }",
    },
    Provider {
        name: "view",
        toml: "[view.v]\nquery = 'select 1 as id'\ncolumns = { id = 'integer' }\ncomment = 'A view.'\naccess = { authenticated = ['select'] }",
    },
    Provider {
        name: "function",
        toml: "[function.f]\nsummary = 'A function.'\neffect = 'read'\nvolatility = 'immutable'\nargs = [{ name = 'a', type = 'integer' }]\nreturns = 'integer'\nexecute = ['authenticated']\nbody = 'begin return a; end'",
    },
    Provider { name: "job", toml: "[function.job]\nsummary = 'A job.'\neffect = 'internal'\nbody = 'begin perform 1; end'" },
    Provider {
        name: "trigger function",
        toml: "[function.tf]\nsummary = 'A trigger function.'\neffect = 'trigger'\nreturns = 'trigger'\nbody = 'begin return new; end'",
    },
    Provider {
        name: "assertion",
        toml: "[function.af]\nsummary = 'An assertion.'\neffect = 'assert'\nbody = 'begin perform 1; end'\n[guard.g]\nassert = 'public.af()'",
    },
    Provider { name: "predicate", toml: "[predicate.p]\nparameters = ['a']\nsql = 'a > 0'" },
    Provider { name: "template", toml: "[template.stamped]\ncolumns = { made_at = { type = 'timestamptz', default = { sql = 'now()' } } }" },
    Provider { name: "error", toml: "[error.gone]\nstatus = 404\nsummary = 'It is gone.'" },
    Provider {
        name: "retained table",
        toml: "[table.r]\nprimary_key = ['id']\ncolumns = { id = 'integer', at = 'timestamptz' }\n[table.r.retention]\nkeep = '1 day'\nby = 'at'\nfunction = 'purge_r'\nguard = ['g']\n[function.af]\nsummary = 'An assertion.'\neffect = 'assert'\nbody = 'begin perform 1; end'\n[guard.g]\nassert = 'public.af()'",
    },
];

macro_rules! consumers {
    ($($kind:ident $needs:literal $later:ident $name:literal $toml:expr;)*) => {
        pub const CONSUMERS: &[Consumer] = &[$(Consumer { name: $name, kind: Kind::$kind, needs: $needs, later: Later::$later, toml: $toml }),*];
    };
}

/// A function with one option, an argument list or a body.
macro_rules! function {
    ($rest:literal) => {
        concat!("[function.x]\nsummary = 'x'\neffect = 'read'\n", $rest)
    };
}

/// A table with a part.
macro_rules! table {
    ($rest:literal) => {
        concat!("[table.x]\nprimary_key = ['id']\ncolumns = { id = 'integer', other = { type = 'integer', nullable = true } }\n", $rest)
    };
}

consumers! {
    Enum "schema" Refused "enum in a schema" "[enum.x]\nschema = 's2'\nvalues = ['a']";
    Table "schema" Refused "table in a schema" "[table.x]\nschema = 's2'\ncolumns = { a = 'integer' }";
    Sequence "schema" Refused "sequence in a schema" "[sequence.x]\nschema = 's2'";

    Column "enum" Refused "column" "[table.x]\ncolumns = { a = { type = 'e', default = 'x' }, b = 'e[]' }";
    Domain "enum" Refused "domain" "[domain.x]\ntype = 'e'\ndefault = 'y'";
    Composite "enum" Refused "attribute" "[composite.x]\nattributes = { a = 'e' }";
    Function "enum" Refused "argument" function!("args = [{ name = 'a', type = 'e', default = 'x' }]\nreturns = 'integer'\nbody = 'begin return 1; end'");
    Function "enum" Refused "result" function!("returns = 'e'\nbody = 'begin return null; end'");
    Function "enum" Refused "column of a result" function!("returns = { table = { a = 'e[]' } }\nbody = 'begin return; end'");
    Function "enum" Refused "cast in a body in SQL" function!("language = 'sql'\nreturns = 'text'\nbody = \"select 'x'::public.e::text\"");
    Function "enum" Free "cast in a body in PL/pgSQL" function!("returns = 'text'\nbody = \"begin return 'x'::public.e::text; end\"");
    View "enum" Refused "cast in a view" "[view.x]\nquery = \"select 'x'::public.e as a\"\ncolumns = { a = 'e' }";
    Check "enum" Refused "cast in a check" table!("check.x_c = { check = \"'x'::public.e is not null\" }");
    Policy "enum" Follows "cast in a policy" table!("[table.x.policy.p]\ncommand = 'select'\nto = ['authenticated']\nusing = \"'x'::public.e is not null\"");
    Seed "enum" Follows "cast in a seed" table!("[seed.x]\nkey = ['id']\nrows = [{ id = { sql = \"length('x'::public.e::text)\" } }]");
    Trigger "enum" Follows "cast in a condition" table!("[table.x.trigger.t]\nwhen = 'before'\nevents = ['update']\ncondition = \"'x'::public.e is not null\"\nfunction = 'own'\n[function.own]\nsummary = 'x'\neffect = 'trigger'\nreturns = 'trigger'\nbody = 'begin return new; end'");

    Column "domain" Refused "column" "[table.x]\ncolumns = { a = { type = 'd', default = 1 } }";
    Domain "domain" Refused "domain" "[domain.x]\ntype = 'd'\nnullable = true";
    Composite "domain" Refused "attribute" "[composite.x]\nattributes = { a = 'd[]' }";
    Function "domain" Refused "argument" function!("args = [{ name = 'a', type = 'd' }]\nreturns = 'd'\nbody = 'begin return a; end'");
    Index "domain" Follows "cast in an index" table!("[table.x.index.x_i]\ncolumns = [{ expression = 'id::public.d' }]");
    View "domain" Refused "cast in a view" "[view.x]\nquery = 'select 1::public.d as a'\ncolumns = { a = 'd' }";

    Column "composite" Refused "column" "[table.x]\ncolumns = { a = 'c' }";
    Domain "composite" Refused "domain" "[domain.x]\ntype = 'c'\nnullable = true";
    Composite "composite" Refused "attribute" "[composite.x]\nattributes = { a = 'c', b = 'c[]' }";
    Function "composite" Refused "result" function!("returns = { set_of = 'c' }\nbody = 'begin return; end'");
    View "composite" Refused "cast in a view" "[view.x]\nquery = 'select row(1)::public.c as a'\ncolumns = { a = 'c' }";

    Column "sequence" Refused "default" "[table.x]\ncolumns = { a = { type = 'bigint', default = { sql = \"nextval('public.s')\" } } }";
    Column "sequence" Refused "default with a cast" "[table.x]\ncolumns = { a = { type = 'bigint', default = { sql = \"nextval('public.s'::regclass)\" } } }";
    Function "sequence" Refused "default of an argument" function!("args = [{ name = 'a', type = 'bigint', default = { sql = \"nextval('public.s')\" } }]\nreturns = 'integer'\nbody = 'begin return 1; end'");
    Function "sequence" Free "body in PL/pgSQL" function!("returns = 'bigint'\nbody = \"begin return nextval('public.s'); end\"");
    Seed "sequence" Follows "seed" table!("[seed.x]\nkey = ['id']\nrows = [{ id = { sql = \"nextval('public.s')::integer\" } }]");
    View "sequence" Refused "view" "[view.x]\nquery = \"select currval('public.s') as a\"\ncolumns = { a = 'bigint' }";

    ForeignKey "table" Follows "foreign key of a column" "[table.x]\ncolumns = { a = { type = 'integer', references = 't', on_delete = 'cascade' } }";
    ForeignKey "table" Follows "foreign key" table!("[table.x.foreign_key.x_f]\ncolumns = ['other']\nreferences = 't'\ncomment = 'A key.'");
    Column "table" Refused "column of rows" "[table.x]\ncolumns = { a = 't' }";
    View "table" Refused "view" "[view.x]\nquery = 'select t.id from public.t as t'\ncolumns = { id = 'integer' }";
    View "table" Refused "sub-query of a view" "[view.x]\nquery = 'select (select max(t.id) from public.t as t) as id'\ncolumns = { id = 'integer' }";
    View "table" Refused "monitor" "[monitor.x]\nsummary = 'x'\nquery = 'select count(*)::bigint as n from public.t as t'\ncolumns = { n = 'bigint' }";
    Function "table" Refused "argument of rows" function!("args = [{ name = 'a', type = 't' }]\nreturns = 'integer'\nbody = 'begin return 1; end'");
    Function "table" Refused "result of rows" function!("returns = { set_of = 't' }\nbody = 'begin return query select * from public.t; end'");
    Function "table" Refused "body in SQL" function!("language = 'sql'\nreturns = 'bigint'\nbody = 'select count(*) from public.t'");
    Function "table" Free "body in PL/pgSQL" function!("returns = 'bigint'\nbody = 'begin return (select count(*) from public.t); end'");
    Policy "table" Follows "policy" table!("[table.x.policy.p]\ncommand = 'select'\nto = ['authenticated']\nusing = 'exists (select from public.t as t where t.id = other)'");
    Seed "table" Follows "seed" "[seed.x]\ntable = 't'\nkey = ['id']\nrows = [{ id = 1 }]";
    Seed "table" Follows "sub-query of a seed" table!("[seed.x]\nkey = ['id']\nrows = [{ id = { sql = '(select count(*)::integer from public.t)' } }]");
    Raw "table" Refused "raw" "[raw.x]\nup = 'alter table public.t set (fillfactor = 90)'\ndown = 'alter table public.t reset (fillfactor)'\nverify = 'select true'\nneeds = ['table public.t']";

    View "view" Refused "view" "[view.x]\nquery = 'select v.id from public.v as v'\ncolumns = { id = 'integer' }";
    Function "view" Refused "body in SQL" function!("language = 'sql'\nreturns = 'bigint'\nbody = 'select count(*) from public.v'");
    Function "view" Refused "argument of rows" function!("args = [{ name = 'a', type = 'v' }]\nreturns = 'integer'\nbody = 'begin return 1; end'");
    Policy "view" Follows "policy" table!("[table.x.policy.p]\ncommand = 'insert'\nto = ['authenticated']\ncheck = 'other in (select v.id from public.v as v)'");

    Check "function" Follows "check" table!("check.x_c = { check = 'public.f(other) > 0' }");
    Check "function" Follows "check of a column" "[table.x]\ncolumns = { a = { type = 'integer', check = 'public.f(a) > 0' } }";
    Column "function" Refused "default" "[table.x]\ncolumns = { a = { type = 'integer', default = { sql = 'public.f(1)' } } }";
    Column "function" Refused "generated column" "[table.x]\ncolumns = { a = 'integer', b = { type = 'integer', generated = 'public.f(a)' } }";
    Index "function" Follows "expression of an index" table!("[table.x.index.x_i]\ncolumns = ['id', { expression = 'public.f(other)' }]\ncomment = 'An index.'");
    Index "function" Follows "rows of an index" table!("[table.x.index.x_i]\ncolumns = ['id']\nunique = true\nwhere = 'public.f(other) > 0'");
    Domain "function" Refused "check of a domain" "[domain.x]\ntype = 'integer'\ncheck = 'public.f(value) > 0'";
    Domain "function" Refused "default of a domain" "[domain.x]\ntype = 'integer'\ndefault = { sql = 'public.f(1)' }";
    View "function" Refused "view" "[view.x]\nquery = 'select public.f(1) as a'\ncolumns = { a = 'integer' }";
    Function "function" Refused "body in SQL" function!("language = 'sql'\nreturns = 'integer'\nbody = 'select public.f(1)'");
    Function "function" Refused "default of an argument" function!("args = [{ name = 'a', type = 'integer', default = { sql = 'public.f(1)' } }]\nreturns = 'integer'\nbody = 'begin return 1; end'");
    Function "function" Free "body in PL/pgSQL" function!("returns = 'integer'\nbody = 'begin return public.f(1); end'");
    Policy "function" Follows "policy" table!("[table.x.policy.p]\ncommand = 'select'\nto = ['authenticated']\nusing = 'public.f(other) > 0'\ncomment = 'A policy.'");
    Trigger "function" Follows "condition" table!("[table.x.trigger.t]\nwhen = 'before'\nevents = ['update']\ncondition = 'public.f(new.id) > 0'\nfunction = 'own'\n[function.own]\nsummary = 'x'\neffect = 'trigger'\nreturns = 'trigger'\nbody = 'begin return new; end'");
    Seed "function" Follows "seed" table!("[seed.x]\nkey = ['id']\nrows = [{ id = { sql = 'public.f(1)' } }]");

    Schedule "job" Follows "schedule" "[schedule.x]\ncron = '0 2 * * *'\nfunction = 'job'";
    Trigger "trigger function" Follows "trigger" table!("[table.x.trigger.t]\nwhen = 'before'\nevents = ['update']\nfunction = 'tf'\ncomment = 'A trigger.'");
    Trigger "trigger function" Follows "trigger of a template" "[template.y]\n[template.y.trigger.t]\nwhen = 'before'\nevents = ['update']\nfunction = 'tf'\n[table.x]\ntemplates = ['y']\ncolumns = { a = 'integer' }";
    Function "assertion" Free "guard" "[function.x]\nsummary = 'x'\neffect = 'write'\nguard = ['g']\nbody = 'begin perform 1; end'";
    Policy "predicate" Free "policy" table!("[table.x.policy.p]\ncommand = 'select'\nto = ['authenticated']\nusing = { predicate = 'p', arguments = ['other'] }");
    Table "template" Free "table" "[table.x]\ntemplates = ['stamped']\ncolumns = { a = 'integer' }";
    Function "error" Free "function that raises" function!("returns = 'integer'\nbody = \"begin raise sqlstate 'PT404' using message = 'gone'; end\"");
    Function "retained table" Refused "retention run" "[retention.x]\nsummary = 'x'\npurges = { purged = 'r' }\nguard = ['g']";
}

/// Kinds that need nothing that another line could declare, and why.
pub const NEED_NOTHING: &[(Kind, &str)] = &[
    (Kind::Role, "never created"),
    (Kind::Schema, "stands alone"),
    (Kind::Extension, "never created"),
    (Kind::PrimaryKey, "of its table's columns alone"),
    (Kind::Unique, "of its table's columns alone"),
    (Kind::Grant, "goes with its object; the providers have some"),
    (Kind::Comment, "goes with its object; the providers have some"),
];
