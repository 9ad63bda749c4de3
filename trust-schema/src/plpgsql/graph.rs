//! The control-flow graph of a body, with exception edges: every statement of a block with handlers may end in each of its handlers. Loops
//! may run not even once; RAISE EXCEPTION and RETURN end; nothing is assumed of conditions.

use std::ops::Range;

use super::effects::{Action, actions, statement_writes};
use super::logic::{self, Logic};
use super::syntax::{Block, Header, Kind, Part, Statement};
use super::tokens::Tokens;
use crate::sql::lexer::TokenKind;

/// A place of the graph.
#[derive(Debug, Clone, Default)]
pub(super) struct Node {
    pub(super) bytes: Range<usize>,
    pub(super) actions: Vec<Action>,
    pub(super) edges: Vec<Edge>,
    /// Variables that it sets.
    pub(super) assigned: Vec<String>,
    /// What they are set to: one expression, or a query.
    pub(super) value: Option<Part>,
    /// The call that the statement consists of.
    pub(super) call: Option<Part>,
    /// What the function returns here.
    pub(super) result: Option<Part>,
    /// The query whose rows FOUND tells of, where the statement sets it.
    pub(super) found: Option<Option<Part>>,
    /// The blocks with handlers in whose statements it stands, outermost first.
    pub(super) protected: Vec<usize>,
    /// The block whose exceptions arrive here.
    pub(super) hub: Option<usize>,
    /// The condition of an IF, ELSIF or searched CASE.
    pub(super) condition: Option<Logic>,
}

/// What leads from one place to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// The statement is done.
    Done,
    /// The call of this function, and nothing else, has returned.
    Returned(Vec<String>),
    /// The condition of the node was true, or not (false or NULL).
    When(bool),
    /// The loop was entered, or passed.
    Loop(bool),
    /// An exception.
    Raised,
}

#[derive(Debug, Clone)]
pub(super) struct Edge {
    pub(super) to: usize,
    pub(super) way: Way,
}

/// The graph. It begins at node 0 and ends at node 1.
#[derive(Debug, Clone, Default)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
}

pub(super) const START: usize = 0;
pub(super) const END: usize = 1;

/// A loop or labelled block that EXIT and CONTINUE can mean.
struct Target {
    label: Option<String>,
    is_loop: bool,
    after: usize,
    again: usize,
}

struct Builder<'t, 'a> {
    tokens: &'t Tokens<'a>,
    graph: Graph,
    targets: Vec<Target>,
    protected: Vec<usize>,
    hubs: Vec<usize>,
    blocks: usize,
}

/// Builds the graph of a body.
pub(super) fn build(tokens: &Tokens<'_>, block: &Block) -> Graph {
    let graph = Graph { nodes: vec![Node::default(), Node::default()] };
    let mut builder = Builder { tokens, graph, targets: Vec::new(), protected: Vec::new(), hubs: Vec::new(), blocks: 0 };
    let last = builder.block(block, Some(START));
    builder.link(last, END, Way::Done);
    builder.graph
}

impl Builder<'_, '_> {
    fn node(&mut self, bytes: Range<usize>) -> usize {
        let mut node = Node { bytes, protected: self.protected.clone(), ..Node::default() };
        node.edges.extend(self.hubs.last().map(|hub| Edge { to: *hub, way: Way::Raised }));
        self.graph.nodes.push(node);
        self.graph.nodes.len() - 1
    }

    /// A place where ways meet: nothing happens there.
    fn meeting(&mut self) -> usize {
        self.graph.nodes.push(Node { protected: self.protected.clone(), ..Node::default() });
        self.graph.nodes.len() - 1
    }

    fn link(&mut self, from: Option<usize>, to: usize, way: Way) {
        if let Some(node) = from.and_then(|from| self.graph.nodes.get_mut(from)) {
            node.edges.push(Edge { to, way });
        }
    }

    fn with(&mut self, at: usize, change: impl FnOnce(&mut Node)) {
        if let Some(node) = self.graph.nodes.get_mut(at) {
            change(node);
        }
    }

    fn act(&mut self, at: usize, part: &Part) {
        let found = actions(self.tokens, part);
        self.with(at, |node| node.actions.extend(found));
    }

    fn write(&mut self, at: usize, bytes: Range<usize>, what: &str) {
        self.with(at, |node| node.actions.push(Action::Write { bytes, what: what.to_owned() }));
    }

    fn block(&mut self, block: &Block, mut at: Option<usize>) -> Option<usize> {
        // Initial values run before BEGIN: no handler of this block catches them.
        for declaration in &block.declarations {
            let Some(initial) = declaration.initial.as_ref().filter(|_| !declaration.is_cursor) else {
                if let Some(query) = declaration.initial.clone() {
                    // It runs where the cursor is opened; that a body declares it is enough to count it.
                    let node = self.node(declaration.bytes.clone());
                    self.act(node, &query);
                    self.link(at, node, Way::Done);
                    at = Some(node);
                }
                continue;
            };
            let node = self.node(declaration.bytes.start..self.tokens.bytes(initial).end);
            self.act(node, initial);
            self.with(node, |node| {
                node.assigned.push(declaration.name.clone());
                node.value = Some(initial.clone());
            });
            self.link(at, node, Way::Done);
            at = Some(node);
        }
        let after = self.meeting();
        let again = after;
        self.targets.push(Target { label: block.label.clone(), is_loop: false, after, again });
        if block.handlers.is_empty() {
            let last = self.statements(&block.statements, at);
            self.link(last, after, Way::Done);
        } else {
            let number = self.blocks;
            self.blocks += 1;
            let hub = self.meeting();
            let outer = self.hubs.last().copied();
            self.with(hub, |node| {
                node.hub = Some(number);
                node.edges.extend(outer.map(|to| Edge { to, way: Way::Raised }));
            });
            self.hubs.push(hub);
            self.protected.push(number);
            let first = self.meeting();
            self.link(at, first, Way::Done);
            let last = self.statements(&block.statements, at.map(|_| first));
            self.protected.pop();
            self.hubs.pop();
            self.link(last, after, Way::Done);
            for handler in &block.handlers {
                let caught = self.node(handler.bytes.clone());
                self.link(Some(hub), caught, Way::Raised);
                let last = self.statements(&handler.statements, Some(caught));
                self.link(last, after, Way::Done);
            }
        }
        self.targets.pop();
        Some(after)
    }

    /// `None` where nothing gets to.
    fn statements(&mut self, statements: &[Statement], mut at: Option<usize>) -> Option<usize> {
        for statement in statements {
            at = self.statement(statement, Some(at?));
        }
        at
    }

    fn leaf(&mut self, statement: &Statement, at: Option<usize>, part: &Part) -> usize {
        let node = self.node(statement.bytes.clone());
        self.act(node, part);
        self.link(at, node, Way::Done);
        node
    }

    fn statement(&mut self, statement: &Statement, at: Option<usize>) -> Option<usize> {
        match &statement.kind {
            Kind::Block(block) => self.block(block, at),
            Kind::If { branches, otherwise } => {
                let after = self.meeting();
                let mut from = (at, Way::Done);
                for branch in branches {
                    from = self.branch(branch, from, after, true);
                }
                let start = self.meeting();
                self.link(from.0, start, from.1);
                let last = self.statements(otherwise, Some(start));
                self.link(last, after, Way::Done);
                Some(after)
            }
            Kind::Case { operand, branches, otherwise } => {
                let after = self.meeting();
                let mut from = (at, Way::Done);
                if let Some(operand) = operand {
                    let node = self.leaf(statement, at, operand);
                    from = (Some(node), Way::Done);
                }
                for branch in branches {
                    from = self.branch(branch, from, after, operand.is_none());
                }
                // Without ELSE, no match is an error.
                let start = self.node(statement.bytes.clone());
                self.link(from.0, start, from.1);
                if let Some(otherwise) = otherwise {
                    let last = self.statements(otherwise, Some(start));
                    self.link(last, after, Way::Done);
                }
                Some(after)
            }
            Kind::Loop { label, header, statements } => Some(self.a_loop(statement, label.as_ref(), header, statements, at)),
            Kind::Exit { label, when } | Kind::Continue { label, when } => {
                let exits = matches!(statement.kind, Kind::Exit { .. });
                let node = self.node(statement.bytes.clone());
                self.link(at, node, Way::Done);
                if let Some(when) = when {
                    self.act(node, when);
                    let condition = logic::read(self.tokens, when);
                    self.with(node, |node| node.condition = Some(condition));
                }
                let target = self.targets.iter().rev().find(|target| match label {
                    Some(label) => target.label.as_ref() == Some(label),
                    None => target.is_loop,
                });
                let to = target.map(|target| if exits { target.after } else { target.again });
                let way = if when.is_some() { Way::When(true) } else { Way::Done };
                // To a label that nobody wrote: PostgreSQL refuses the function.
                self.link(Some(node), to.unwrap_or(END), way);
                let next = when.as_ref().map(|_| self.meeting());
                if let Some(next) = next {
                    self.link(Some(node), next, Way::When(false));
                }
                next
            }
            Kind::Return(value) => {
                let node = self.leaf(statement, at, value);
                self.with(node, |node| node.result = Some(value.clone()));
                self.link(Some(node), END, Way::Done);
                None
            }
            Kind::RaiseException(part) => {
                self.leaf(statement, at, part);
                None
            }
            Kind::ReturnMore(part) => {
                let node = self.leaf(statement, at, part);
                self.with(node, |node| node.result = Some(part.clone()));
                Some(node)
            }
            Kind::RaiseNotice(part) | Kind::Assert(part) => Some(self.leaf(statement, at, part)),
            Kind::Null => at,
            Kind::Transaction => {
                let node = self.leaf(statement, at, &(0..0));
                self.write(node, statement.bytes.clone(), "end of the transaction");
                Some(node)
            }
            Kind::Assign { target, value, all } => {
                let node = self.leaf(statement, at, all);
                self.with(node, |node| {
                    node.assigned.push(target.clone());
                    node.value = Some(value.clone());
                });
                Some(self.returned(node, value))
            }
            Kind::Perform(part) => {
                let node = self.leaf(statement, at, part);
                self.with(node, |node| node.found = Some(Some(part.clone())));
                Some(self.returned(node, part))
            }
            Kind::Cursor { into, all } => {
                let node = self.leaf(statement, at, all);
                self.with(node, |node| {
                    node.assigned.clone_from(into);
                    node.found = Some(None);
                });
                Some(node)
            }
            Kind::Execute { into, all, .. } => {
                let node = self.leaf(statement, at, all);
                self.write(node, statement.bytes.clone(), "SQL put together at run time");
                self.with(node, |node| node.assigned.clone_from(into));
                Some(node)
            }
            Kind::Sql { verb, into, all } => {
                let node = self.leaf(statement, at, all);
                if statement_writes(verb) {
                    self.write(node, statement.bytes.clone(), &format!("`{verb}`"));
                }
                let query = (verb == "select").then(|| all.clone());
                self.with(node, |node| {
                    node.assigned.clone_from(into);
                    node.value.clone_from(&query);
                    node.found = Some(query);
                });
                // In a body of SQL, `select f(…)` is a call and nothing else.
                let is_bare = verb == "select" && into.is_empty();
                if is_bare { Some(self.returned(node, &(all.start + 1..all.end))) } else { Some(node) }
            }
        }
    }

    /// Where the part is one call and nothing else, what follows knows that it has returned.
    fn returned(&mut self, node: usize, part: &Part) -> usize {
        let call = self.tokens.dotted(part.start, part.end).filter(|(_, behind)| {
            self.tokens.is_kind(*behind, TokenKind::LeftParenthesis) && *behind < part.end && self.tokens.behind(*behind, part.end) == part.end
        });
        let Some((name, _)) = call else { return node };
        self.with(node, |node| node.call = Some(part.clone()));
        let next = self.meeting();
        self.link(Some(node), next, Way::Returned(name));
        next
    }

    /// From the condition to the statements of a branch; the way on where it is not true.
    fn branch(&mut self, branch: &super::syntax::Branch, from: (Option<usize>, Way), after: usize, is_condition: bool) -> (Option<usize>, Way) {
        let node = self.node(self.tokens.bytes(&branch.condition));
        self.link(from.0, node, from.1);
        self.act(node, &branch.condition);
        if is_condition {
            let condition = logic::read(self.tokens, &branch.condition);
            self.with(node, |node| node.condition = Some(condition));
        }
        let start = self.meeting();
        self.link(Some(node), start, Way::When(true));
        let last = self.statements(&branch.statements, Some(start));
        self.link(last, after, Way::Done);
        (Some(node), Way::When(false))
    }

    fn a_loop(&mut self, statement: &Statement, label: Option<&String>, header: &Header, statements: &[Statement], at: Option<usize>) -> usize {
        let after = self.meeting();
        let head = self.node(statement.bytes.clone());
        let start = self.meeting();
        self.link(Some(head), start, Way::Loop(true));
        match header {
            Header::Endless => self.link(at, head, Way::Done),
            Header::While(condition) => {
                self.link(at, head, Way::Done);
                self.act(head, condition);
                self.link(Some(head), after, Way::Loop(false));
            }
            Header::Each { targets, source, .. } => {
                self.link(at, head, Way::Done);
                self.act(head, source);
                if self.tokens.is(source.start, &["execute"]) {
                    self.write(head, statement.bytes.clone(), "SQL put together at run time");
                }
                self.with(head, |node| {
                    node.assigned.clone_from(targets);
                    node.found = Some(None);
                });
                self.link(Some(head), after, Way::Loop(false));
            }
        }
        self.with(after, |node| node.found = Some(None));
        self.targets.push(Target { label: label.cloned(), is_loop: true, after, again: head });
        let last = self.statements(statements, Some(start));
        self.link(last, head, Way::Done);
        self.targets.pop();
        after
    }
}
