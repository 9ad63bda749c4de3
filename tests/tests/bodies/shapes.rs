//! The shapes and the world that they are tried in, and what the analysis says of them.

use serde::Deserialize;
use trust_schema::plpgsql::{Identities, Language, Report, Subject, Verdict, analyse};

#[derive(Deserialize)]
pub struct World {
    pub tables: String,
    pub function: Vec<Function>,
}

#[derive(Deserialize, Clone)]
pub struct Function {
    pub name: String,
    #[serde(default)]
    pub arguments: Vec<String>,
    #[serde(default)]
    pub assert: bool,
    #[serde(default)]
    pub strict: bool,
    #[serde(default = "void")]
    pub returns: String,
    #[serde(default = "plpgsql")]
    pub language: String,
    pub body: String,
}

#[derive(Deserialize)]
struct Shapes {
    shape: Vec<Shape>,
}

#[derive(Deserialize)]
pub struct Shape {
    pub name: String,
    pub verdict: String,
    pub reason: Option<String>,
    #[serde(default)]
    pub strict: bool,
    #[serde(default = "void")]
    pub returns: String,
    #[serde(default = "plpgsql")]
    pub language: String,
    pub body: String,
}

fn void() -> String {
    "void".to_owned()
}

fn plpgsql() -> String {
    "plpgsql".to_owned()
}

impl Shape {
    /// `app.shape(p_user uuid)`
    pub fn function(&self) -> Function {
        Function {
            name: "shape".to_owned(),
            arguments: vec!["p_user".to_owned()],
            assert: false,
            strict: self.strict,
            returns: self.returns.clone(),
            language: self.language.clone(),
            body: self.body.clone(),
        }
    }
}

impl Function {
    pub fn subject(&self) -> Subject<'_> {
        Subject {
            schema: "app",
            name: &self.name,
            arguments: self.arguments.iter().map(String::as_str).collect(),
            language: Language::of(&self.language),
            text: &self.body,
            given: self.arguments.len(),
            is_assertion: self.assert,
            is_strict: self.strict,
            returns_boolean: self.returns == "boolean",
            is_exposed: false,
            is_context: false,
        }
    }

    pub fn create(&self) -> String {
        let arguments = self.arguments.iter().map(|name| format!("{name} uuid")).collect::<Vec<_>>().join(", ");
        let strict = if self.strict { " strict" } else { "" };
        let Function { name, returns, language, body, .. } = self;
        format!(
            "create function app.{name}({arguments}) returns {returns} language {language} security definer{strict} set search_path = pg_catalog, pg_temp as $body${body}$body$;\n"
        )
    }
}

pub fn world() -> World {
    toml::from_str(include_str!("world.toml")).expect("the world is TOML")
}

pub fn shapes() -> Vec<Shape> {
    toml::from_str::<Shapes>(include_str!("shapes.toml")).expect("the shapes are TOML").shape
}

/// What the analysis says of a function in the world.
pub fn report(world: &World, function: &Function) -> Report {
    let subjects: Vec<Subject<'_>> = world.function.iter().map(Function::subject).chain([function.subject()]).collect();
    analyse(&subjects, &Identities::default()).pop().expect("a report for each function")
}

pub fn label(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::NoWrite => "none",
        Verdict::Proved => "proved",
        Verdict::Refuted(_) => "refuted",
        Verdict::NotAnalysable { .. } => "not analysable",
    }
}

#[test]
fn every_shape_has_its_verdict() {
    let world = world();
    let shapes = shapes();
    assert!(shapes.len() >= 100, "{} shapes", shapes.len());
    let mut wrong = Vec::new();
    for shape in &shapes {
        let report = report(&world, &shape.function());
        if label(&report.verdict) != shape.verdict {
            wrong.push(format!("{}: expected {}, found {:?}", shape.name, shape.verdict, report.verdict));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
