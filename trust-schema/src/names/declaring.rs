//! The first pass: names are made known, and clashes are found.

use super::{DEFAULT_SCHEMA, Declared, DeclaredRole, DeclaredType, Fragment, Names, Relation, RelationColumn, Routine, TypeForm, at};
use crate::catalog::{Id, QualifiedName};
use crate::diagnostic::{Diagnostic, codes};
use crate::kinds::Kind;
use crate::kinds::column::{ColumnSpec, Identity};
use crate::kinds::external::ExternalSpec;
use crate::kinds::function::Effect;
use crate::kinds::role::RoleSpec;
use crate::kinds::template::TemplateSpec;
use crate::source::{At, Span};
use crate::spec::{Entries, Name, SqlText, Text, Words};

/// The first pass over one file.
pub struct Declaring<'a> {
    pub names: &'a mut Names,
    pub diagnostics: &'a mut Vec<Diagnostic>,
    /// Schema of names that state none.
    pub default_schema: String,
}

impl Declaring<'_> {
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn duplicate(&mut self, what: &str, name: &str, span: Span, first: Option<Span>) {
        let diagnostic = Diagnostic::error(&codes::DUPLICATE_NAME, format!("{what} `{name}` is declared twice"), span);
        self.report(match first {
            Some(first) => diagnostic.label(first, "first declared here"),
            None => diagnostic.help("the platform brings it"),
        });
    }

    /// The name with its schema: that of the object, else of the module.
    pub fn qualify(&self, name: &Text, schema: Option<&Text>) -> QualifiedName {
        let schema = schema.map_or(self.default_schema.as_str(), |schema| schema.value.as_str());
        QualifiedName::new(schema, name.value.as_str())
    }

    /// Reads `name` or `schema.name`; mistakes are told in the second pass.
    pub fn reference(&self, written: &Text) -> Option<QualifiedName> {
        Names::qualify(written, &self.default_schema).ok()
    }

    pub fn schema(&mut self, name: &Name) {
        let declared = Declared { external: false, span: Some(name.span) };
        if let Some(first) = self.names.schemas.insert(name.value.clone(), declared) {
            self.duplicate("schema", &name.value, name.span, first.span);
        }
        if name.value.starts_with("pg_") {
            let diagnostic = Diagnostic::error(&codes::BAD_NAME, format!("schema `{}` has a reserved name", name.value), name.span);
            self.report(diagnostic.help("names that begin with `pg_` belong to PostgreSQL"));
        }
    }

    pub fn role(&mut self, name: &Name, spec: &RoleSpec) {
        let declared = DeclaredRole { api: spec.api, bypasses_row_security: spec.bypasses_row_security, span: Some(name.span) };
        if let Some(first) = self.names.roles.insert(name.value.clone(), declared) {
            self.duplicate("role", &name.value, name.span, first.span);
        }
    }

    pub fn template(&mut self, name: &Name, spec: &TemplateSpec) {
        if let Some((first, _)) = self.names.templates.insert(name.value.clone(), (name.span, spec.clone())) {
            self.duplicate("template", &name.value, name.span, Some(first));
        }
    }

    pub fn predicate(&mut self, name: &Name, parameters: &Words, sql: &SqlText) {
        let fragment = Fragment { parameters: parameters.clone(), sql: sql.clone(), span: name.span };
        if let Some(first) = self.names.predicates.insert(name.value.clone(), fragment) {
            self.duplicate("predicate", &name.value, name.span, Some(first.span));
        }
    }

    pub fn guard(&mut self, name: &Name, parameters: &Words, sql: &SqlText) {
        let fragment = Fragment { parameters: parameters.clone(), sql: sql.clone(), span: name.span };
        if let Some(first) = self.names.guards.insert(name.value.clone(), fragment) {
            self.duplicate("guard", &name.value, name.span, Some(first.span));
        }
    }

    pub fn error(&mut self, name: &Name, status: &At<i64>, _summary: &Text) {
        // What PostgREST maps, and what a client can be answered with: 4xx and 5xx.
        if !(400..=599).contains(&status.value) {
            let message = format!("{} is no HTTP status of an error", status.value);
            self.report(Diagnostic::error(&codes::NUMBER_OUT_OF_RANGE, message, status.span).help("from 400 to 599"));
        }
        let status = u16::try_from(status.value).unwrap_or_default();
        if let Some((_, first)) = self.names.errors.insert(name.value.clone(), (status, name.span)) {
            self.duplicate("error", &name.value, name.span, Some(first));
        }
    }

    /// Takes a name among the kill switches, monitors and so on: outputs have files and sections of these names.
    pub fn operation(&mut self, what: &'static str, name: &Name) {
        if let Some(first) = self.names.operations.insert((what, name.value.clone()), name.span) {
            self.duplicate(what, &name.value, name.span, Some(first));
        }
    }

    pub fn type_name(&mut self, kind: Kind, name: &Name, schema: Option<&Text>, form: TypeForm) {
        let qualified = self.qualify(name, schema);
        let declared = DeclaredType { id: Some(Id::of(kind, &qualified)), form, span: name.span };
        if let Some(first) = self.names.types.insert(qualified.clone(), declared) {
            self.duplicate("type", &qualified.to_string(), name.span, Some(first.span));
        } else if let Some(relation) = self.names.relations.get(&qualified) {
            // The rows of a table are a type of the table's name.
            let first = relation.span;
            self.duplicate("type", &qualified.to_string(), name.span, Some(first));
        } else if kind == Kind::Composite {
            self.relation_name(&qualified, "composite type", name.span);
        }
    }

    /// Takes a name among those that tables, views, sequences, indexes and composite types share.
    pub fn relation_name(&mut self, name: &QualifiedName, what: &'static str, span: Span) {
        if let Some((first_what, first)) = self.names.relation_names.insert(name.clone(), (what, span)) {
            // Sections are read in an order of their own: the later place of a file is the mistake.
            let swapped = first.file == span.file && first.start > span.start;
            let ((what, span), (first_what, first)) = if swapped { ((first_what, first), (what, span)) } else { ((what, span), (first_what, first)) };
            let message = if what == first_what {
                format!("{what} `{name}` is declared twice")
            } else {
                format!("{what} `{name}` has the name of another object")
            };
            self.report(
                Diagnostic::error(&codes::DUPLICATE_NAME, message, span)
                    .label(first, format!("{first_what} first declared here"))
                    .help("tables, views, sequences, indexes and composite types of a schema share one set of names"),
            );
        }
    }

    /// An index, or the index behind a constraint, beside its table.
    pub fn index(&mut self, table: &QualifiedName, name: &str, what: &'static str, span: Span) {
        self.relation_name(&QualifiedName::new(table.schema.clone(), name), what, span);
    }

    pub fn raw(&mut self, name: &Name) {
        self.names.raws.insert(name.value.clone());
    }

    pub fn sequence(&mut self, name: &Name, schema: Option<&Text>) {
        let qualified = self.qualify(name, schema);
        self.relation_name(&qualified, "sequence", name.span);
    }

    pub fn view(&mut self, name: &Name, schema: Option<&Text>, columns: &Entries<Text>) {
        let qualified = self.qualify(name, schema);
        let columns = columns.iter().map(|(column, ty)| relation_column(column, ty, true)).collect();
        self.relation("view", Kind::View, qualified, name.span, columns, Vec::new());
    }

    /// Adds a relation; unique keys and the purge function are added to it afterwards.
    pub fn relation(
        &mut self,
        what: &'static str,
        kind: Kind,
        name: QualifiedName,
        span: Span,
        columns: Vec<RelationColumn>,
        primary_key: Vec<String>,
    ) {
        if let Some(declared) = self.names.types.get(&name) {
            let first = declared.span;
            self.duplicate("type", &name.to_string(), span, Some(first));
        }
        self.relation_name(&name, what, span);
        let id = Id::of(kind, &name);
        let relation = Relation { id, name: name.clone(), external: false, columns, primary_key, unique: Vec::new(), purge_function: None, span };
        self.names.relations.entry(name).or_insert(relation);
    }

    pub fn relation_mut(&mut self, name: &QualifiedName) -> Option<&mut Relation> {
        self.names.relations.get_mut(name)
    }

    pub fn function(&mut self, name: &Name, schema: Option<&Text>, effect: Effect, arguments: &[Text], defaults: usize, returns: TypeForm) {
        self.qualified_function(self.qualify(name, schema), name.span, effect, arguments, defaults, returns);
    }

    pub fn qualified_function(&mut self, name: QualifiedName, span: Span, effect: Effect, arguments: &[Text], defaults: usize, returns: TypeForm) {
        let routine = Routine {
            id: None,
            external: false,
            effect,
            default_schema: self.default_schema.clone(),
            arguments: arguments.to_vec(),
            defaults,
            returns,
            span,
        };
        self.names.functions.entry(name).or_default().push(routine);
    }

    /// The name of an object that the compiler adds, in the project's private schema.
    pub fn private_name(&mut self, name: &Text, prefix: &str) -> Option<(Text, Text)> {
        let schema = self.names.private_schema.clone()?;
        Some((at(&format!("{prefix}_{}", name.value), name.span), schema))
    }

    pub fn private_schema(&mut self, schema: Option<&Text>) {
        self.names.private_schema = schema.cloned();
    }

    /// What others own.
    pub fn external(&mut self, spec: &ExternalSpec) {
        for schema in &spec.schemas {
            self.names.schemas.insert(schema.value.clone(), Declared { external: true, span: None });
        }
        for (name, table) in spec.table.iter() {
            let qualified = QualifiedName::new(table.schema.value.as_str(), name.value.as_str());
            let columns = table.columns.iter().map(|(column, ty)| relation_column(column, ty, true)).collect();
            let primary_key = table.primary_key.iter().map(|column| column.value.clone()).collect();
            let relation = Relation {
                id: Id::of(Kind::Table, &qualified),
                name: qualified.clone(),
                external: true,
                columns,
                primary_key,
                unique: Vec::new(),
                purge_function: None,
                span: name.span,
            };
            self.names.relations.insert(qualified, relation);
        }
        for (name, function) in spec.function.iter() {
            let qualified = QualifiedName::new(function.schema.value.as_str(), name.value.as_str());
            let returns = TypeForm::Named(function.returns.value.clone());
            let routine = Routine {
                id: None,
                external: true,
                effect: Effect::Read,
                default_schema: DEFAULT_SCHEMA.to_owned(),
                arguments: function.args.clone(),
                defaults: 0,
                returns,
                span: name.span,
            };
            self.names.functions.entry(qualified).or_default().push(routine);
        }
        for (name, ty) in spec.types.iter() {
            let qualified = QualifiedName::new(ty.schema.value.as_str(), name.value.as_str());
            self.names.types.insert(qualified, DeclaredType { id: None, form: TypeForm::External, span: name.span });
        }
    }

    /// What every database has.
    pub fn builtin(&mut self) {
        self.names.schemas.insert(DEFAULT_SCHEMA.to_owned(), Declared { external: true, span: None });
    }
}

fn relation_column(name: &Name, data_type: &Text, nullable: bool) -> RelationColumn {
    RelationColumn {
        name: name.value.clone(),
        data_type: data_type.clone(),
        nullable,
        has_default: false,
        computed: false,
        generated: false,
        span: name.span,
    }
}

/// A table's column as others see it.
pub fn table_column(name: &Name, spec: &ColumnSpec) -> RelationColumn {
    RelationColumn {
        has_default: spec.default.is_some() || spec.identity.is_some(),
        generated: spec.generated.is_some(),
        computed: spec.generated.is_some() || spec.identity == Some(Identity::Always),
        ..relation_column(name, &spec.data_type, spec.nullable)
    }
}
