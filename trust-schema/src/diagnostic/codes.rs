//! All codes: stable, in families, each with its explanation.
//!
//! `TS00` text and TOML · `TS01` shape of the spec · `TS02` names and references · `TS03` types and values · `TS04` access and functions ·
//! `TS05` migrations and dependencies · `TS06` outputs · `TS07` bodies of functions · `TS08` lint · `TS09` surroundings. Rules (`TL`) bring their own. A number is never used again for something else.

/// The identity of a kind of finding.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// `TS0101`
    pub id: &'static str,
    /// `unknown-key`
    pub name: &'static str,
    /// What it means, why it is refused, what to do: Markdown.
    pub explanation: &'static str,
}

macro_rules! codes {
    ($($ident:ident $id:literal $name:literal { $($doc:literal)+ })*) => {
        $(
            #[doc = $name]
            pub static $ident: Code = Code { id: $id, name: $name, explanation: concat!($($doc, "\n"),+) };
        )*
        /// Every code, in the order of the identifiers.
        pub static ALL: &[&Code] = &[$(&$ident),*];
    };
}

codes! {
    TOML_SYNTAX "TS0001" "toml-syntax" {
        "A file of the spec is not TOML, so nothing in it can be read. Several mistakes of a file are told at once, one for each line."
        "TOML is described at <https://toml.io>."
    }
    NUL_CHARACTER "TS0002" "nul-character" {
        "A text of the spec holds U+0000. PostgreSQL cannot store it, and a statement sent to the server would end there."
        "Remove it; for bytes use a `bytea` literal: `{ sql = \"'\\\\x00'::bytea\" }`."
    }
    BIDIRECTIONAL_CHARACTER "TS0003" "bidirectional-character" {
        "A text of the spec holds a character that changes the direction of writing, so that a reviewer sees another text than PostgreSQL reads (CVE-2021-42574, \"Trojan Source\")."
        "Remove it."
    }
    CONTROL_CHARACTER "TS0004" "control-character" {
        "A text of the spec holds a control character other than newline and tab. It could change what a terminal or an editor shows."
        "Remove it."
    }
    TOO_LARGE "TS0005" "too-large" {
        "A file of the spec is larger than the compiler reads."
        "Split it into modules."
    }
    NOT_TEXT "TS0006" "not-text" {
        "A file of the spec is not UTF-8."
        "Save it as UTF-8."
    }
    UNKNOWN_KEY "TS0101" "unknown-key" {
        "The spec language is closed: a key that it does not know is a mistake, never ignored. A misspelt `acces` would otherwise leave a table unprotected."
        "The help lists what is expected there."
    }
    MISSING_KEY "TS0102" "missing-key" {
        "A table of the spec lacks a key that it must have."
    }
    WRONG_TYPE "TS0103" "wrong-type" {
        "A value of the spec has another type than the key takes, for example a string where a boolean is expected."
    }
    UNKNOWN_VALUE "TS0104" "unknown-value" {
        "A key takes one of a few words, and this is none of them."
    }
    NUMBER_OUT_OF_RANGE "TS0105" "number-out-of-range" {
        "A number lies outside the range that its key, or PostgreSQL, takes."
    }
    EMPTY_LIST "TS0106" "empty-list" {
        "A list that must name something is empty: an enum without values, a key without columns, a policy without roles."
    }
    CONTRADICTION "TS0107" "contradiction" {
        "Two statements of the spec exclude each other, for example a column that has both a default and a generated value."
    }
    NO_PROJECT "TS0108" "no-project" {
        "A spec is a folder with a file `trust.toml` and a TOML file for each module."
        "`trust-schema init` writes a first one."
    }
    NO_MODULE "TS0109" "no-module" {
        "The spec declares a project but no module, so there is nothing to compile."
    }
    DUPLICATE_NAME "TS0201" "duplicate-name" {
        "Two objects have the same name. PostgreSQL would refuse the second, or, where the names differ only behind the 63rd byte, take one for the other."
        "Tables, views, sequences, indexes and composite types of a schema share one set of names; enums, domains and the row types of tables share another."
    }
    BAD_NAME "TS0202" "bad-name" {
        "A name is empty, longer than 63 bytes (PostgreSQL would cut it), or holds a character that no name may hold."
    }
    UNKNOWN_NAME "TS0203" "unknown-name" {
        "The spec refers to something that it does not declare."
    }
    UNKNOWN_ROLE "TS0204" "unknown-role" {
        "A grant or a policy names a role that neither the platform brings nor `trust.toml` declares. A spec creates no role; it refers to roles."
    }
    UNKNOWN_TABLE "TS0205" "unknown-table" {
        "No table or view has this name. A bare name is looked up in the module's schema; `schema.name` names the schema."
        "A table that others own is declared in `trust.toml`: `[external.table.<name>]`."
    }
    UNKNOWN_COLUMN "TS0206" "unknown-column" {
        "The table or view has no column of this name."
    }
    UNKNOWN_TYPE "TS0207" "unknown-type" {
        "Neither PostgreSQL nor the spec has a type of this name. The type of an extension is declared in `trust.toml`: `[external.types.<name>]`."
    }
    UNKNOWN_FUNCTION "TS0208" "unknown-function" {
        "Neither PostgreSQL nor the spec has a function of this name. A function outside `pg_catalog` is written with its schema; one that others own is declared in `trust.toml`: `[external.function.<name>]`."
    }
    UNKNOWN_GUARD "TS0209" "unknown-guard" { "A function names a guard that no module declares: `[guard.<name>]`." }
    UNKNOWN_PREDICATE "TS0210" "unknown-predicate" { "A policy names a predicate that no module declares: `[predicate.<name>]`." }
    UNKNOWN_TEMPLATE "TS0211" "unknown-template" { "A table names a template that no module declares: `[template.<name>]`." }
    AMBIGUOUS_NAME "TS0212" "ambiguous-name" {
        "A name could mean several things: functions with other arguments, or a type of PostgreSQL and one of the spec. Without a schema PostgreSQL takes its own type, whatever else has the name; who reads the spec would take the other."
        "Write the schema: `app.point`, or `pg_catalog.point` for the type of PostgreSQL."
    }
    NOT_OURS "TS0213" "not-ours" {
        "An object in a schema of the platform would be created or changed. What others own is referred to, never changed."
    }
    UNQUALIFIED_NAME "TS0214" "unqualified-name" {
        "A relation or function outside `pg_catalog` is named without its schema. Migrations run under the search path of whoever runs them, functions under `pg_catalog, pg_temp`: a bare name would be looked up elsewhere, or not found."
        "Write `schema.name`."
    }
    CASE_TWINS "TS0215" "case-twins" {
        "Two names differ in nothing but the case of their letters. PostgreSQL tells them apart only where they are quoted; without quotes SQL means the one in small letters."
        "Choose a name of its own for one of them."
    }
    BAD_TYPE "TS0301" "bad-type" { "The text is no type, or a type that cannot stand here." }
    BAD_VALUE "TS0302" "bad-value" {
        "A value cannot be stored in its column: another type, outside its range, no value of its enum, or NULL where that is not allowed."
        "A string is data, never SQL. SQL is marked as such: `{ sql = \"now()\" }`."
    }
    BAD_SQL "TS0303" "bad-sql" {
        "A fragment of SQL is not what its place takes: exactly one expression, one query, or whole statements. Fragments hold no comments and no `;`, so that nothing can escape from the place where they are put."
    }
    BAD_INTERVAL "TS0304" "bad-interval" { "The text is no interval such as `365 days`." }
    BAD_SEED "TS0305" "bad-seed" {
        "Rows of a seed cannot be inserted as they are: the key tells no rows apart, a row lacks a required column, or two rows have the same key."
    }
    BAD_SCHEDULE "TS0306" "bad-schedule" { "The text is no schedule of cron with five fields." }
    BAD_FOREIGN_KEY "TS0307" "bad-foreign-key" {
        "A foreign key refers to columns that are no key of the other table, or that have other types."
    }
    NOT_ONE_STATEMENT "TS0308" "not-one-statement" { "Exactly one statement is expected here." }
    WRONG_ARGUMENTS "TS0309" "wrong-arguments" { "A function, guard or predicate is used with arguments that it does not take." }
    DANGEROUS_PRIVILEGE "TS0401" "dangerous-privilege" {
        "The privilege cannot be granted, since no role but the owner can use it safely: TRUNCATE and MAINTAIN ignore row-level security, REFERENCES is an oracle for hidden rows, TRIGGER and CREATE plant code that others run."
    }
    PUBLIC_GRANTEE "TS0402" "public-grantee" {
        "PUBLIC is every role, including those that do not exist yet. Name the roles that are meant."
    }
    WRITE_WITHOUT_GUARD "TS0403" "write-without-guard" {
        "A function that writes asserts who calls it before anything else. Its guard is compiled in front of its body, so that no path leads around it."
        "Declare a guard, `[guard.<name>]`, and name it: `guard = [\"<name>\"]`."
    }
    BAD_GUARD "TS0404" "bad-guard" {
        "A guard is one call of a function of effect `assert`, which raises an error where its caller may not go on. Anything else (a comparison, a function that returns a value) would be evaluated and forgotten."
    }
    BAD_POLICY "TS0405" "bad-policy" {
        "A policy has a clause that its command does not take, or lacks one. An INSERT policy without `check` accepts nothing."
    }
    UNDECLARED_ERROR "TS0406" "undeclared-error" {
        "A function raises an error that no module declares, or with another SQLSTATE than declared. Callers tell errors apart by what is declared."
        "Declare it, `[error.<name>]`, and raise it as `raise sqlstate 'PT<status>' using message = '<name>'`."
    }
    POLICY_RECURSION "TS0407" "policy-recursion" {
        "The policies of a table read a table whose policies read the first one. PostgreSQL answers every query of it with `infinite recursion detected in policy` (SQLSTATE 42P17)."
        "Put one of the sub-queries into a function of effect `read`, granted to the same roles, and call it in the policy: it runs as its owner, whom no policy restricts."
    }
    BAD_MIGRATION "TS0501" "bad-migration" {
        "A migration's name is `<yyyymmddhhmmss>_<name>`: the form that the Supabase CLI reads, and nothing that a path could be made of."
    }
    DEPENDENCY_CYCLE "TS0502" "dependency-cycle" {
        "Objects need each other, so that none can be created first. The message shows the path."
    }
    NEEDS_LATER_MIGRATION "TS0503" "needs-later-migration" {
        "An object needs another one that a later migration creates. Foreign keys, checks, indexes, triggers, seeds and permissive policies then simply move to that migration; what would leave a gap, or cannot be added afterwards, is refused."
    }
    UNKNOWN_MIGRATION "TS0504" "unknown-migration" { "No module has this migration." }
    PENDING_WITHOUT_NAME "TS0505" "pending-without-name" {
        "The spec has changed since its release. What makes the change is a migration of its own, behind those that were released, and it needs a name."
        "Name it in `trust.toml`: `[release]` `migration = \"<yyyymmddhhmmss>_<name>\"`; or put what is new into a module with a new migration."
    }
    LOSS_NOT_ACCEPTED "TS0506" "loss-not-accepted" {
        "A change since the release destroys a table, a column or rows of a seed, or gives a column or domain a type in which values lose something, such as digits or the time of day. No rollback brings that back."
        "Where that is meant, say so: `[release]` `loses = [\"column public.t.a\"]`. What is said and does not happen is refused, too: it would let the next loss pass."
    }
    RELEASED_FILE_CHANGED "TS0507" "released-file-changed" {
        "A migration that was released, its rollback or its verification was changed or is missing. Databases may have run it: it stays as it is."
        "Bring it back from version control. What is to change is changed in the spec, and becomes the next migration."
    }
    CHANGES_WITHOUT_ORDER "TS0508" "changes-without-order" {
        "Changes since the release wait for each other, so that no order of statements makes them at once."
        "Make them in two releases."
    }
    BAD_RELEASE_LOCK "TS0509" "bad-release-lock" {
        "`release.lock` cannot be read, or its chain is broken: without it nobody knows what was released."
        "Bring it back from version control; two releases on two branches cannot be merged, one of them has to be made again."
    }
    CONTRACT_BROKEN "TS0510" "contract-broken" {
        "Clients could call a released function, and the change is one that they would notice: it is gone, an argument has another name or type, or cannot be left out any more, it returns something else or NULL where it did not, it raises an error that it did not, it becomes volatile, or a role may not call it. Types count by what is inside, as JSON shows it, however deep: attributes of composite types and columns of rows that go, have another name or another type, that may be NULL in a result and could not, or are refused without a value in an argument, checks that a domain in an argument gets besides those that it has, and values of enums that have another name or are not taken any more. No breach are the new name of a type that is renamed, the order of attributes, new attributes, and new values of enums, which those who read results have to expect."
        "Leave it as it is, and put the new one beside it, `…_v2`; remove the old one when nobody calls it any more. Where clients are known not to, say so: `[release]` `breaks = [\"function public.f_v1(uuid)\"]`."
    }
    INTENT_RELEASED "TS0511" "intent-released" {
        "The spec says how something came from the release, and the release has it already: a new name, what became of a value, what filled a column. It says nothing any more, and would be wrong if the name were used again."
        "Remove it once it is released."
    }
    RENAME_IMPOSSIBLE "TS0512" "rename-impossible" {
        "`renamed_from` names what was not released, or what is declared still, or the new name is taken by something else that is released. One name can be used for one thing at a time. Names can be exchanged or handed on within one release, where each thing says what it was: `a` from `b` and `b` from `a`."
    }
    VALUE_WITHOUT_SUCCESSOR "TS0513" "value-without-successor" {
        "A value of an enum that is released goes, and rows may have it. PostgreSQL cannot remove a value: the type is made anew, and every column is moved over."
        "Say what becomes of it: `removed_values = { gone = \"kept\" }`; where it has another name, `renamed_values = { new = \"old\" }`."
    }
    NO_CAST "TS0514" "no-cast" {
        "A column gets another type, and PostgreSQL has no cast from the old one to the new one, or none back for the rollback. The migration would fail. The same is told where columns hold values of a composite type, or of a domain, that has to be made anew, on the way there or by the rollback, and these values could not be moved for certain: an attribute that stays gets another type, or they stand in arrays, which no single statement takes apart."
        "Say how a value is converted: `using = \"…\"` on the column, SQL over the row as it was, and `using_back = \"…\"` for the rollback. Of a composite type: add attributes at its end, or a column of a new type that is filled by `backfill`, and remove the old ones in the next release."
    }
    NO_VALUE_FOR_ROWS "TS0515" "no-value-for-rows" {
        "A column comes to a table that is released, allows no NULL and has no default: rows that are there would have no value, and the migration would fail. The same holds for a column that goes, when a rollback brings it back, and for an attribute of a composite type that columns hold, where its domain may refuse NULL."
        "Give it a default, or `backfill = \"…\"`, SQL over the row; for the rollback: `[[release.restores]]` with `column` and `value`."
    }
    PLAN_LOSES "TS0516" "plan-loses" {
        "What is planned destroys values or rows, or takes something off values. Told by `trust-schema plan`."
    }
    PLAN_REWRITES "TS0517" "plan-rewrites" {
        "What is planned writes every row of a table anew, while everybody waits. Told by `trust-schema plan`."
    }
    PLAN_SCANS "TS0518" "plan-scans" {
        "What is planned reads every row of a table, while those who write wait. Told by `trust-schema plan`."
    }
    PLAN_CHANGES_ACCESS "TS0519" "plan-changes-access" {
        "What is planned changes who can do what. Told by `trust-schema plan`."
    }
    STALE_OUTPUT "TS0601" "stale-output" {
        "A generated file differs from what the spec compiles to: the spec was changed without `trust-schema generate`, or the file was changed by hand."
    }
    NAME_COLLISION "TS0602" "name-collision" {
        "Two objects would have the same name in a generated language, for example two tables that differ only in their case."
    }
    TEMPLATE "TS0603" "template" {
        "A document's template could not be filled in. This is a mistake of trust-schema, not of the spec: please report it."
    }
    WRITE_NOT_DOMINATED "TS0701" "write-not-dominated" {
        "A role may call the function, and a way through its body leads to a write without an assertion that has returned: around an IF, through a loop that runs not even once, through a handler that swallows what the assertion raised, or past nothing at all. The labels show the way, step by step."
        "Writes are INSERT, UPDATE, DELETE, MERGE, TRUNCATE and row locks wherever they stand, SQL put together at run time, functions of PostgreSQL with effects (`nextval`, `set_config`, `pg_notify`), calls of functions that write, and calls of functions that nobody knows. `assert` is no assertion: every caller can turn it off. `perform f()` is one only without WHERE, FROM and LIMIT."
        "Name a guard: `guard = [\"…\"]`; it is compiled in front of the body. Where the finding is wrong: `waive = [{ code = \"write-not-dominated\", reason = \"…\" }]`."
    }
    GUARD_PASSES_NULL "TS0702" "guard-passes-null" {
        "A condition that should keep callers out is NULL where one of its operands is NULL, and IF then goes on as if it were false: `if auth.uid() <> p_user then raise …` lets everybody pass who is not signed in."
        "Write `if (auth.uid() = p_user) is not true then raise …`, or name a guard. `is distinct from` helps only where not both sides can be NULL."
    }
    BODY_NOT_ANALYSABLE "TS0703" "body-not-analysable" {
        "A body cannot be read into statements, so nothing can be said of its writes. What is not understood is not passed over."
        "Write it more plainly, or waive the finding with a reason."
    }
    UNKNOWN_NAME_IN_BODY "TS0705" "unknown-name-in-body" {
        "A body names something that is neither a variable or argument of the function nor a column of what the statement reads, a field that no query puts into a record, or an error that PostgreSQL does not know. PostgreSQL would find out when the statement runs for the first time."
    }
    UNUSED_WAIVER "TS0704" "unused-waiver" {
        "A function waives a finding that it does not have. A waiver that waits for a finding would hide the next one."
        "Remove it."
    }
    CALLER_IDENTITY_UNCHECKED "TS0706" "caller-identity-unchecked" {
        "Clients may call the function, it runs with the rights of its owner, whom no policy restricts, and it takes an argument as the tenant or user whose rows it reads or writes, without a comparison with who calls on every way to there. Whoever calls it gets at the rows of anybody."
        "Identities are the keys of tenants and users (`[tenancy]`), columns that refer to them, and columns that a policy compares with who calls. An argument counts as compared behind a condition that demands it to be what the context says, behind a row of the caller's own that it was demanded of, and behind functions that do so before they return; `p <> auth.uid()` is none, since NULL passes. In the same query, `and user_id = auth.uid()` is enough, and so is a tenant that was compared. Where a body tells callers apart by a constant, `if auth.role() = 'service_role'`, one kind may be trusted."
        "Compare it, best by a guard that takes it: `guard = [{ member = [\"p_tenant_id\"] }]`. Where it is meant to name others: `waive = [{ code = \"caller-identity-unchecked\", argument = \"p_user\", reason = \"…\" }]`."
    }
    CONTEXT_OF_OTHERS "TS0707" "context-of-others" {
        "A function of `[tenancy] context` is trusted to return tenants of the caller and no others: policies that compare with it are proved to keep tenants apart. Something that it returns is not bound to who calls: its query does not demand `column = auth.uid()` or the like of every row, or is not understood."
        "Write the query so that every row is the caller's. Where it is and the analysis does not see it: `waive = [{ code = \"context-of-others\", reason = \"…\" }]`."
    }
    UNKNOWN_RULE "TS0801" "unknown-rule" {
        "`[lint]` names a rule that there is not. The rules are listed in `docs/rules.md` and by `trust-schema explain --rules`."
    }
    UNUSED_LINT_WAIVER "TS0802" "unused-lint-waiver" {
        "A waiver of `[lint]` waives nothing, or gives no reason. What it once waived has been mended or renamed; left alone, it would hide the next finding."
        "Remove it."
    }
    SCRIPT_FAILS "TS0803" "script-fails" {
        "PostgreSQL refuses a statement of a script that `lint --sql` runs, so nothing can be said of what follows. The message is PostgreSQL's own."
        "Scripts are run in the order of their names, each in a session of its own and, unless it begins or ends transactions itself or holds a statement that no transaction takes, in one transaction; as a role like `postgres` of a Supabase project, which is no superuser."
    }
    PSQL_COMMAND "TS0804" "psql-command" {
        "A script holds a command of psql, such as `\\i` or `\\restrict`, or rows for `copy … from stdin`. These are for the program psql; a server, the Supabase CLI and this one do not know them."
        "Remove the line; write rows as `insert into … values …`."
    }
    EXTENSION_MISSING "TS0805" "extension-missing" {
        "A script installs an extension that the server on which it is tried does not have. The scripts are run without it; what uses its types or functions fails. Of `pg_cron`, `pg_net`, `supabase_vault` and `pg_graphql` the emulation of Supabase has what migrations call."
        "Try it on a server that has the extension: `--database-url`, or TRUST_SCHEMA_PG_BIN."
    }
}

/// The code of an identifier or a name.
pub fn find(text: &str) -> Option<&'static Code> {
    ALL.iter().copied().find(|code| code.id.eq_ignore_ascii_case(text) || code.name.eq_ignore_ascii_case(text))
}
