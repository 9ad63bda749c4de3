//! Which truth values an expression can have: three-valued logic over what is certain, with everything else left open.

use super::{Call, Test, Tree};

/// A set of truth values. What is not in it is impossible; what is in it may still be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Truth(u8);

impl Truth {
    pub const TRUE: Truth = Truth(1);
    pub const FALSE: Truth = Truth(2);
    pub const UNKNOWN: Truth = Truth(4);
    pub const ANY: Truth = Truth(7);

    /// Whether it is true, whatever the row and the session.
    pub fn is_always_true(self) -> bool {
        self == Truth::TRUE
    }

    /// Whether it can be true at all.
    pub fn can_be_true(self) -> bool {
        self.0 & 1 != 0
    }

    /// Whether it can be false: what is only true or unknown says nothing of the row.
    pub fn can_be_false(self) -> bool {
        self.0 & 2 != 0
    }

    pub fn can_be_unknown(self) -> bool {
        self.0 & 4 != 0
    }

    /// The values of either set.
    pub fn or(self, other: Truth) -> Truth {
        Truth(self.0 | other.0)
    }

    fn without(self, other: Truth) -> Truth {
        Truth(self.0 & !other.0)
    }

    fn contains(self, other: Truth) -> bool {
        self.0 & other.0 == other.0
    }

    fn each(self) -> impl Iterator<Item = Truth> {
        [Truth::TRUE, Truth::FALSE, Truth::UNKNOWN].into_iter().filter(move |value| self.contains(*value))
    }

    /// Every outcome of an operation on values of both sets.
    fn combine(self, other: Truth, operation: impl Fn(Truth, Truth) -> Truth) -> Truth {
        let pairs = self.each().flat_map(|left| other.each().map(move |right| (left, right)));
        pairs.fold(Truth(0), |all, (left, right)| all.or(operation(left, right)))
    }

    /// What NOT makes of it.
    pub fn negated(self) -> Truth {
        self.each().fold(Truth(0), |all, value| {
            all.or(match value {
                Truth::TRUE => Truth::FALSE,
                Truth::FALSE => Truth::TRUE,
                other => other,
            })
        })
    }
}

fn and(left: Truth, right: Truth) -> Truth {
    match (left, right) {
        (Truth::FALSE, _) | (_, Truth::FALSE) => Truth::FALSE,
        (Truth::TRUE, Truth::TRUE) => Truth::TRUE,
        _ => Truth::UNKNOWN,
    }
}

impl Truth {
    /// What AND makes of both.
    pub fn and(self, other: Truth) -> Truth {
        self.combine(other, and)
    }

    /// `is true` and the like.
    pub fn is(self, wanted: Truth) -> Truth {
        self.each().fold(Truth(0), |all, value| all.or(if value == wanted { Truth::TRUE } else { Truth::FALSE }))
    }

    /// The first of these that is not unknown.
    pub fn coalesce(values: impl Iterator<Item = Truth>) -> Truth {
        let mut all = Truth(0);
        for value in values {
            all = all.or(value.without(Truth::UNKNOWN));
            if !value.contains(Truth::UNKNOWN) {
                return all;
            }
        }
        all.or(Truth::UNKNOWN)
    }
}

/// Whether a value is NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nullness {
    Null,
    NotNull,
    Either,
}

/// What is known of the row and the session.
#[derive(Clone, Copy)]
pub struct Assumption<'a> {
    /// Whether a column holds no NULL.
    pub not_null: &'a dyn Fn(&str) -> bool,
    /// Whether nobody is signed in.
    pub anonymous: bool,
}

/// The truth values that an expression can have.
pub fn truth(tree: &Tree, assumption: Assumption<'_>) -> Truth {
    let of = |tree: &Tree| truth(tree, assumption);
    let null = |tree: &Tree| nullness(tree, assumption);
    match tree {
        Tree::True => Truth::TRUE,
        Tree::False => Truth::FALSE,
        Tree::Null => Truth::UNKNOWN,
        Tree::And(parts) => {
            let all = parts.iter().fold(Truth::TRUE, |all, part| all.and(of(part)));
            if has_complement(parts) { all.without(Truth::TRUE) } else { all }
        }
        Tree::Or(parts) => {
            let any = parts.iter().fold(Truth::FALSE, |any, part| any.negated().and(of(part).negated()).negated());
            if has_complement(parts) { any.without(Truth::FALSE) } else { any }
        }
        Tree::Not(part) => of(part).negated(),
        Tree::IsNull(part) => match null(part) {
            Nullness::Null => Truth::TRUE,
            Nullness::NotNull => Truth::FALSE,
            Nullness::Either => Truth::TRUE.or(Truth::FALSE),
        },
        Tree::Is(part, test) => {
            let wanted = match test {
                Test::True => Truth::TRUE,
                Test::False => Truth::FALSE,
                Test::Unknown => Truth::UNKNOWN,
            };
            of(part).is(wanted)
        }
        Tree::IsDistinct(left, right) => distinct(left, right, assumption),
        Tree::Binary { operator, left, right } => comparison(operator, left, right, assumption),
        Tree::Any { left, right, .. } if null(left) == Nullness::Null || null(right) == Nullness::Null => {
            // Of an empty array it is false.
            Truth::UNKNOWN.or(Truth::FALSE)
        }
        Tree::Exists(_) => Truth::TRUE.or(Truth::FALSE),
        Tree::Call(call) if is_coalesce(call) => Truth::coalesce(call.arguments.iter().map(of)),
        Tree::Cast { value, data_type } if matches!(data_type.as_str(), "boolean" | "bool") => match &**value {
            Tree::Literal(text) if is_word(text, &["t", "true", "on", "yes", "1"]) => Truth::TRUE,
            Tree::Literal(text) if is_word(text, &["f", "false", "off", "no", "0"]) => Truth::FALSE,
            value => of(value),
        },
        tree @ Tree::Scalar(_) if !std::ptr::eq(tree.core(), tree) => of(tree.core()),
        tree => match null(tree) {
            Nullness::Null => Truth::UNKNOWN,
            Nullness::NotNull => Truth::TRUE.or(Truth::FALSE),
            Nullness::Either => Truth::ANY,
        },
    }
}

fn is_word(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.trim().eq_ignore_ascii_case(word))
}

/// `x` and `not x` among the parts.
fn has_complement(parts: &[Tree]) -> bool {
    let opposite = |part: &Tree| parts.iter().any(|other| matches!(other, Tree::Not(inner) if **inner == *part));
    parts.iter().any(|part| is_stable(part) && (opposite(part) || negated_comparison(part).is_some_and(|negated| parts.contains(&negated))))
}

/// `a <> b` of `a = b`.
fn negated_comparison(tree: &Tree) -> Option<Tree> {
    let Tree::Binary { operator, left, right } = tree else { return None };
    (operator == "=").then(|| Tree::Binary { operator: "<>".to_owned(), left: left.clone(), right: right.clone() })
}

/// Whether it is the same each time within a row: it calls nothing that could differ.
fn is_stable(tree: &Tree) -> bool {
    tree.calls().iter().all(|(call, _)| call.is_session() || call.is_database_role() || is_coalesce(call) || is_strict(call))
}

fn distinct(left: &Tree, right: &Tree, assumption: Assumption<'_>) -> Truth {
    let (a, b) = (nullness(left, assumption), nullness(right, assumption));
    if left == right && is_stable(left) || (a, b) == (Nullness::Null, Nullness::Null) {
        return Truth::FALSE;
    }
    if matches!((a, b), (Nullness::Null, Nullness::NotNull) | (Nullness::NotNull, Nullness::Null)) {
        return Truth::TRUE;
    }
    Truth::TRUE.or(Truth::FALSE)
}

fn comparison(operator: &str, left: &Tree, right: &Tree, assumption: Assumption<'_>) -> Truth {
    let (a, b) = (nullness(left, assumption), nullness(right, assumption));
    let unknown = match (a, b) {
        (Nullness::Null, _) | (_, Nullness::Null) => return Truth::UNKNOWN,
        (Nullness::NotNull, Nullness::NotNull) => Truth(0),
        _ => Truth::UNKNOWN,
    };
    let same = left == right && is_stable(left);
    let certain = match operator {
        "=" | "<=" | ">=" if same => Truth::TRUE,
        "<>" | "!=" | "<" | ">" if same => Truth::FALSE,
        "=" | "<>" | "!=" => match (left.core(), right.core()) {
            // Numbers and texts can be written in several ways; only different words of one length and form are certainly different.
            (Tree::Literal(a), Tree::Literal(b)) if a != b && is_plain(a) && is_plain(b) => {
                if operator == "=" {
                    Truth::FALSE
                } else {
                    Truth::TRUE
                }
            }
            _ => Truth::TRUE.or(Truth::FALSE),
        },
        "->" | "->>" | "#>" | "#>>" => return json(left, right, assumption),
        _ => Truth::TRUE.or(Truth::FALSE),
    };
    certain.or(unknown)
}

/// A whole number without leading zeros.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'))
}

fn json(left: &Tree, right: &Tree, assumption: Assumption<'_>) -> Truth {
    let whole = Tree::Binary { operator: "->>".to_owned(), left: Box::new(left.clone()), right: Box::new(right.clone()) };
    if nullness(&whole, assumption) == Nullness::Null { Truth::UNKNOWN } else { Truth::ANY }
}

fn is_coalesce(call: &Call) -> bool {
    call.schema.is_none() && call.name == "coalesce"
}

/// Functions of PostgreSQL that answer NULL for a NULL argument, and otherwise not.
fn is_strict(call: &Call) -> bool {
    matches!(call.schema.as_deref(), None | Some("pg_catalog"))
        && matches!(call.name.as_str(), "lower" | "upper" | "btrim" | "length" | "md5" | "abs")
}

fn nullness(tree: &Tree, assumption: Assumption<'_>) -> Nullness {
    let of = |tree: &Tree| nullness(tree, assumption);
    match tree {
        Tree::Null => Nullness::Null,
        Tree::True | Tree::False | Tree::Literal(_) | Tree::IsNull(_) | Tree::Is(..) | Tree::IsDistinct(..) | Tree::Exists(_) | Tree::Array(_) => {
            Nullness::NotNull
        }
        Tree::Column(name) if (assumption.not_null)(name) => Nullness::NotNull,
        Tree::Cast { value, .. } => of(value),
        Tree::Not(part) => of(part),
        Tree::Binary { operator, left, right } => match (of(left), of(right)) {
            (Nullness::Null, _) | (_, Nullness::Null) => Nullness::Null,
            (Nullness::NotNull, Nullness::NotNull) if matches!(operator.as_str(), "=" | "<>" | "<" | ">" | "<=" | ">=") => Nullness::NotNull,
            _ if assumption.anonymous && is_missing_claim(operator, left, right) => Nullness::Null,
            _ => Nullness::Either,
        },
        Tree::Call(call) if is_coalesce(call) => {
            let each: Vec<Nullness> = call.arguments.iter().map(of).collect();
            if each.contains(&Nullness::NotNull) {
                Nullness::NotNull
            } else if each.iter().all(|value| *value == Nullness::Null) {
                Nullness::Null
            } else {
                Nullness::Either
            }
        }
        Tree::Call(call) if is_strict(call) => call.arguments.first().map_or(Nullness::Either, of),
        Tree::Call(call) if call.is_database_role() => Nullness::NotNull,
        // Without a user's token there is neither `sub` nor `email`.
        Tree::Call(call) if assumption.anonymous && call.schema.as_deref() == Some("auth") && matches!(call.name.as_str(), "uid" | "email") => {
            Nullness::Null
        }
        tree @ Tree::Scalar(_) if !std::ptr::eq(tree.core(), tree) => of(tree.core()),
        _ => Nullness::Either,
    }
}

/// `auth.jwt() ->> 'sub'`: the anonymous key has no such claim.
fn is_missing_claim(operator: &str, left: &Tree, right: &Tree) -> bool {
    let of_token = matches!(left.core(), Tree::Call(call) if call.schema.as_deref() == Some("auth") && call.name == "jwt");
    operator.starts_with("->") && of_token && matches!(right.core(), Tree::Literal(key) if matches!(key.as_str(), "sub" | "email"))
}
