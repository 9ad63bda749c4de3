//! How PostgreSQL changes an object that exists.

/// A statement that changes an object in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alteration {
    pub sql: String,
    pub work: Work,
}

/// What a statement does with the rows of its table, while it holds its lock (PostgreSQL's manual: ALTER TABLE, notes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    /// Nothing: it changes the catalogs.
    Catalog,
    /// It reads every row.
    Scan,
    /// It writes every row anew, and every index.
    Rewrite,
    /// It writes every row anew, and values lose what is named here.
    Reduce(&'static str),
    /// It destroys values.
    Loss,
}

impl Alteration {
    pub fn catalog(sql: impl Into<String>) -> Alteration {
        Alteration { sql: sql.into(), work: Work::Catalog }
    }

    pub fn scan(sql: impl Into<String>) -> Alteration {
        Alteration { sql: sql.into(), work: Work::Scan }
    }

    pub fn rewrite(sql: impl Into<String>) -> Alteration {
        Alteration { sql: sql.into(), work: Work::Rewrite }
    }

    pub fn reduce(sql: impl Into<String>, what: &'static str) -> Alteration {
        Alteration { sql: sql.into(), work: Work::Reduce(what) }
    }

    pub fn loss(sql: impl Into<String>) -> Alteration {
        Alteration { sql: sql.into(), work: Work::Loss }
    }

    /// All of `create`, which replaces what is there.
    pub fn replace(statements: Vec<String>) -> Vec<Alteration> {
        statements.into_iter().map(Alteration::catalog).collect()
    }
}
