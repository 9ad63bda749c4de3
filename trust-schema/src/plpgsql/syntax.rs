//! The statements of PL/pgSQL. Every range counts bytes of the body; every part counts its tokens (without comments).

use std::ops::Range;

/// A part of a body: which tokens make it up.
pub type Part = Range<usize>;

/// `[declare …] begin … [exception …] end`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Block {
    pub label: Option<String>,
    pub declarations: Vec<Declaration>,
    pub statements: Vec<Statement>,
    pub handlers: Vec<Handler>,
}

/// A variable, constant, alias or cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    pub name: String,
    pub bytes: Range<usize>,
    /// What stands behind the name up to the initial value: the type, or `alias for …`.
    pub data_type: Part,
    /// The initial value, or the query of a cursor, evaluated before the block's BEGIN.
    pub initial: Option<Part>,
    /// A cursor's query runs when it is opened, not here.
    pub is_cursor: bool,
}

/// `when … then …` of an exception clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handler {
    pub bytes: Range<usize>,
    pub statements: Vec<Statement>,
}

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its bytes; of a statement with others inside, those of its head.
    pub bytes: Range<usize>,
    pub kind: Kind,
}

/// One way through an IF or CASE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    pub condition: Part,
    pub statements: Vec<Statement>,
}

/// What a statement is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Block(Block),
    /// `target := value`
    Assign {
        target: String,
        value: Part,
        all: Part,
    },
    If {
        branches: Vec<Branch>,
        otherwise: Vec<Statement>,
    },
    Case {
        /// Of `case x when …`; none of `case when …`.
        operand: Option<Part>,
        branches: Vec<Branch>,
        /// Without one, no match is an error.
        otherwise: Option<Vec<Statement>>,
    },
    Loop {
        label: Option<String>,
        header: Header,
        statements: Vec<Statement>,
    },
    Exit {
        label: Option<String>,
        when: Option<Part>,
    },
    Continue {
        label: Option<String>,
        when: Option<Part>,
    },
    /// `return`, which ends the function.
    Return(Part),
    /// `return next` and `return query`, which do not.
    ReturnMore(Part),
    /// `raise exception`, in all its forms, and `raise;`.
    RaiseException(Part),
    /// `raise notice` and the like: execution goes on.
    RaiseNotice(Part),
    Assert(Part),
    /// What stands behind PERFORM.
    Perform(Part),
    /// An SQL statement with the variables of its INTO.
    Sql {
        verb: String,
        into: Vec<String>,
        all: Part,
    },
    /// SQL put together at run time.
    Execute {
        into: Vec<String>,
        /// What stands behind EXECUTE.
        given: Part,
        all: Part,
    },
    /// `open`, `fetch`, `move`, `close`, `get diagnostics`: what is in them is an expression or query.
    Cursor {
        into: Vec<String>,
        all: Part,
    },
    Null,
    /// `commit` or `rollback`.
    Transaction,
}

/// How a loop goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Header {
    /// `loop`: until something leaves it.
    Endless,
    While(Part),
    /// `for … in …` and `foreach`: perhaps not once.
    Each {
        targets: Vec<String>,
        /// The loop declares its variable: one of numbers or of a cursor.
        declares: bool,
        source: Part,
        /// The whole header.
        all: Part,
    },
}
