//! Going through trees.

use super::{Call, Query, Tree};

impl Tree {
    /// The parts that are evaluated for the same row. Sub-queries are not entered.
    pub fn parts(&self) -> Vec<&Tree> {
        match self {
            Tree::Call(call) => call.arguments.iter().collect(),
            Tree::And(parts) | Tree::Or(parts) | Tree::Other(parts) => parts.iter().collect(),
            Tree::Not(part) | Tree::IsNull(part) | Tree::Is(part, _) | Tree::Cast { value: part, .. } => vec![part],
            Tree::Binary { left, right, .. } | Tree::Any { left, right, .. } | Tree::IsDistinct(left, right) => vec![left, right],
            Tree::InList { value, list } => std::iter::once(&**value).chain(list).collect(),
            Tree::InQuery { value, .. } => vec![value],
            _ => Vec::new(),
        }
    }

    /// The sub-query that stands here.
    pub fn query(&self) -> Option<&Query> {
        match self {
            Tree::Exists(query) | Tree::Scalar(query) | Tree::Array(query) | Tree::InQuery { query, .. } => Some(query),
            _ => None,
        }
    }

    /// Visits every part; `inside` counts the sub-queries around it.
    pub fn visit<'t>(&'t self, visitor: &mut dyn FnMut(&'t Tree, usize)) {
        self.visit_at(0, visitor);
    }

    fn visit_at<'t>(&'t self, inside: usize, visitor: &mut dyn FnMut(&'t Tree, usize)) {
        visitor(self, inside);
        for part in self.parts() {
            part.visit_at(inside, visitor);
        }
        if let Some(query) = self.query() {
            for part in query.output.iter().chain(&query.conditions).chain(query.calls.iter().flat_map(|call| &call.arguments)) {
                part.visit_at(inside + 1, visitor);
            }
        }
    }

    /// Every part, with how many sub-queries are around it.
    pub fn all(&self) -> Vec<(&Tree, usize)> {
        let mut all = Vec::new();
        self.visit(&mut |tree, inside| all.push((tree, inside)));
        all
    }

    /// Every call, also of FROM clauses, with how many sub-queries are around it.
    pub fn calls(&self) -> Vec<(&Call, usize)> {
        let mut calls = Vec::new();
        self.visit(&mut |tree, inside| {
            if let Tree::Call(call) = tree {
                calls.push((call, inside));
            }
            if let Some(query) = tree.query() {
                calls.extend(query.calls.iter().map(|call| (call, inside + 1)));
            }
        });
        calls
    }

    /// Every sub-query.
    pub fn queries(&self) -> Vec<&Query> {
        self.all().into_iter().filter_map(|(tree, _)| tree.query()).collect()
    }

    /// Whether some part is like this.
    pub fn any(&self, like: impl Fn(&Tree) -> bool) -> bool {
        self.all().into_iter().any(|(tree, _)| like(tree))
    }

    /// Whether it depends on the row for which it is evaluated: on one of its columns, or on one of which that cannot be ruled out.
    pub fn reads_row(&self) -> bool {
        self.all().into_iter().any(|(tree, _)| matches!(tree, Tree::Column(_) | Tree::Foreign { .. }))
    }

    /// Whether it asks who is calling, under which name ever.
    pub fn reads_session(&self) -> bool {
        self.calls().iter().any(|(call, _)| call.is_session() || call.is_database_role())
    }

    /// Without casts and without the `(select …)` around a value.
    pub fn core(&self) -> &Tree {
        match self {
            Tree::Cast { value, .. } => value.core(),
            Tree::Scalar(query) if query.relations.is_empty() && query.calls.is_empty() && query.conditions.is_empty() => {
                query.output.first().map_or(self, Tree::core)
            }
            tree => tree,
        }
    }

    /// The column, where it is one, perhaps cast.
    pub fn as_column(&self) -> Option<&str> {
        match self.core() {
            Tree::Column(name) => Some(name),
            _ => None,
        }
    }

    /// What must all be true: the parts of AND, or the whole.
    pub fn conjuncts(&self) -> Vec<&Tree> {
        match self {
            Tree::And(parts) => parts.iter().flat_map(Tree::conjuncts).collect(),
            tree => vec![tree],
        }
    }

    /// Pairs that are compared by `=`, or `= any`, or `in (select …)`, each way around: a side, and what it is compared with. Sub-queries are
    /// not entered.
    pub fn equalities(&self) -> Vec<(&Tree, &Tree)> {
        let mut pairs = Vec::new();
        let mut rest = vec![self];
        while let Some(tree) = rest.pop() {
            match tree {
                Tree::Binary { operator, left, right } if operator == "=" => pairs.extend([(&**left, &**right), (&**right, &**left)]),
                Tree::Any { operator, left, right } if operator == "=" => pairs.push((left, right)),
                Tree::InQuery { value, .. } => pairs.push((value, tree)),
                _ => {}
            }
            rest.extend(tree.parts());
        }
        pairs
    }
}
