//! What a visit to the survey needs again and again, kept for a moment: links (not their single use) and pages that are
//! the same for everybody. Whether an answer is stored is decided by the store alone, inside its transaction.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::page::Fragments;
use crate::store::link::Link;
use crate::survey::id::{EvaluationId, LinkId, OutletId};
use crate::survey::language::Language;
use crate::survey::questionnaire::ServiceSet;

/// How long a revoked or closed link may still show its first page.
const LINK_LIFE: Duration = Duration::from_secs(1);
/// Pages depend on nothing that changes during fieldwork but the month.
const PAGE_LIFE: Duration = Duration::from_secs(60);
const LINKS_MAX: usize = 2_000;
const PAGES_MAX: usize = 400;

/// Which page.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PageKey {
    /// First page of an outlet's code, by its token.
    Landing(String, Language),
    /// Rating page for a set of services.
    Rating(EvaluationId, OutletId, Language, ServiceSet),
    /// Receipt page; `true` where an earlier submission counted.
    Receipt(EvaluationId, OutletId, Language, bool),
}

/// Short memory.
pub struct Visits {
    tokens: Kept<String, Arc<Link>>,
    links: Kept<LinkId, Arc<Link>>,
    pages: Kept<PageKey, Arc<Fragments>>,
}

impl Default for Visits {
    fn default() -> Self {
        Self {
            tokens: Kept::new(LINKS_MAX, LINK_LIFE),
            links: Kept::new(LINKS_MAX, LINK_LIFE),
            pages: Kept::new(PAGES_MAX, PAGE_LIFE),
        }
    }
}

impl Visits {
    /// A link seen a moment ago, by its token.
    pub fn link_by_token(&self, token: &str) -> Option<Arc<Link>> {
        self.tokens.get(token)
    }
    /// A link seen a moment ago, by its id.
    pub fn link(&self, id: LinkId) -> Option<Arc<Link>> {
        self.links.get(&id)
    }
    /// Keeps a link. Single-use links are not kept: each is one visitor's.
    pub fn keep_link(&self, token: Option<&str>, link: &Arc<Link>) {
        if link.state.kind.single_use() {
            return;
        }
        if let Some(token) = token {
            self.tokens.put(token.to_owned(), Arc::clone(link));
        }
        self.links.put(link.id, Arc::clone(link));
    }
    /// A page made a moment ago.
    pub fn page(&self, key: &PageKey) -> Option<Arc<Fragments>> {
        self.pages.get(key)
    }
    /// Keeps a page for everybody who asks next.
    pub fn keep_page(&self, key: PageKey, page: Fragments) -> Arc<Fragments> {
        let page = Arc::new(page);
        self.pages.put(key, Arc::clone(&page));
        page
    }
}

/// A bounded map whose entries die of age; when full it starts anew, which costs less than keeping an order.
struct Kept<K, V> {
    entries: Mutex<HashMap<K, (Instant, V)>>,
    entries_max: usize,
    life: Duration,
}

impl<K: Eq + Hash, V: Clone> Kept<K, V> {
    fn new(entries_max: usize, life: Duration) -> Self {
        Self {
            entries: Mutex::default(),
            entries_max,
            life,
        }
    }

    fn get<Q>(&self, key: &Q) -> Option<V>
    where
        K: std::borrow::Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries
            .get(key)
            .filter(|(since, _)| since.elapsed() < self.life)
            .map(|(_, value)| value.clone())
    }

    fn put(&self, key: K, value: V) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= self.entries_max {
            entries.clear();
        }
        entries.insert(key, (Instant::now(), value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_bounded_and_dies_of_age() {
        let kept = Kept::new(3, Duration::from_millis(30));
        for n in 0..10 {
            kept.put(n, n);
        }
        assert!(kept.entries.lock().unwrap().len() <= 3);
        assert_eq!(kept.get(&9), Some(9));
        std::thread::sleep(Duration::from_millis(40));
        assert_eq!(kept.get(&9), None);
    }
}
