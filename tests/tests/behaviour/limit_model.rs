//! A model of the three algorithms, written from what the configs promise and not from the function: a history of windows, walked
//! one by one, instead of figures carried along.

use rust_decimal::{Decimal, RoundingStrategy};

/// How actions are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// Tokens trickle in continuously.
    TokenBucket,
    /// A budget for each window of the clock.
    FixedWindow,
    /// As the fixed window; the window before still counts with the part that a window ending now covers.
    SlidingWindow,
}

/// A limit.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    pub algorithm: Algorithm,
    pub limit: u32,
    pub window: u32,
    pub burst: Option<u32>,
    pub cost_per_action: u32,
}

/// What the model knows of an actor.
#[derive(Debug, Clone)]
pub struct Actor {
    limit: Limit,
    /// Tokens in the bucket.
    level: Decimal,
    /// Taken in the current window, without what is owed.
    fresh: Decimal,
    /// Taken beyond the limit in earlier windows, and not yet paid back.
    owed: Decimal,
    /// Everything that stood against the window before.
    before: Decimal,
}

impl Actor {
    /// An actor who has taken nothing.
    pub fn new(limit: Limit) -> Self {
        let capacity = capacity(&limit);
        Self { limit, level: capacity, fresh: Decimal::ZERO, owed: Decimal::ZERO, before: Decimal::ZERO }
    }

    /// Lets time pass, from one instant to another, in microseconds since 1970.
    pub fn pass(&mut self, from: i64, to: i64) {
        let window = i64::from(self.limit.window) * 1_000_000;
        match self.limit.algorithm {
            Algorithm::TokenBucket => {
                let gained = Decimal::new(to - from, 6) * Decimal::from(self.limit.limit) / Decimal::from(self.limit.window);
                self.level = (self.level + gained).min(capacity(&self.limit));
            }
            Algorithm::FixedWindow | Algorithm::SlidingWindow => {
                // After this many windows nothing of what was taken is left.
                let edges = (to.div_euclid(window) - from.div_euclid(window)).min(1_000);
                for _ in 0..edges {
                    self.before = self.fresh + self.owed;
                    self.owed = (self.before - Decimal::from(self.limit.limit)).max(Decimal::ZERO);
                    self.fresh = Decimal::ZERO;
                }
            }
        }
    }

    /// Whether an action may be taken at an instant; takes it if so.
    pub fn take(&mut self, at: i64, cost: u32) -> bool {
        let cost = Decimal::from(cost) * Decimal::from(self.limit.cost_per_action);
        let room = match self.limit.algorithm {
            Algorithm::TokenBucket => self.level,
            Algorithm::FixedWindow => capacity(&self.limit) - self.owed - self.fresh,
            Algorithm::SlidingWindow => {
                let window = i64::from(self.limit.window) * 1_000_000;
                let covered = Decimal::ONE - Decimal::from(at.rem_euclid(window)) / Decimal::from(window);
                capacity(&self.limit) - (self.before * covered).max(self.owed) - self.fresh
            }
        };
        let allowed = cost <= room;
        if allowed {
            self.level -= cost;
            self.fresh += cost;
        }
        // The database keeps what is missing, in millionths.
        let missing = capacity(&self.limit) - self.level;
        self.level = capacity(&self.limit) - missing.round_dp_with_strategy(6, RoundingStrategy::MidpointAwayFromZero);
        allowed
    }
}

fn capacity(limit: &Limit) -> Decimal {
    Decimal::from(limit.burst.unwrap_or(limit.limit))
}
