//! Every response once: finding a repeated `resp_id` among millions in eight bytes a row.
//!
//! Every id leaves a 64-bit hash (under a random key, so that nobody can prepare collisions). After the last row the hashes of
//! each part are gathered in a set that fits the processor's caches. Equal ids have equal hashes, so no repetition is missed.
//! Where two hashes are equal the file is read once more and the ids themselves are compared, so nothing is called a
//! repetition that is none: with 10 million rows that second reading happens by chance once in 370 000 runs.

use std::collections::HashSet;
use std::hash::BuildHasher;

use foldhash::quality::RandomState;

use crate::cores::on_all_cores;

const PARTS: usize = 256;
/// Hashes of one block: memory grows by 16 KiB, never by copying.
const BLOCK: usize = 2048;
/// Repeated hashes that are followed up; one repetition suffices to refuse a pack.
const REPEATED_MAX: usize = 1000;

/// Hashes of ids, in parts by their highest bits.
pub(super) struct Identities {
    key: RandomState,
    parts: Vec<Vec<Vec<u64>>>,
}

impl Identities {
    pub fn new(key: &RandomState) -> Self {
        Self {
            key: key.clone(),
            parts: vec![Vec::new(); PARTS],
        }
    }

    pub fn add(&mut self, id: &[u8]) {
        let hash = self.key.hash_one(id);
        let Some(blocks) = self.parts.get_mut((hash >> 56) as usize) else {
            return;
        };
        match blocks.last_mut() {
            Some(block) if block.len() < BLOCK => block.push(hash),
            _ => {
                let mut block = Vec::with_capacity(BLOCK);
                block.push(hash);
                blocks.push(block);
            }
        }
    }
}

/// The hashes that occur more than once among several threads' ids, as far as they are followed up.
pub(super) fn repeated(all: Vec<Identities>) -> Vec<u64> {
    let mut parts: Vec<Vec<Vec<u64>>> = vec![Vec::new(); PARTS];
    for identities in all {
        let pairs = parts.iter_mut().zip(identities.parts);
        pairs.for_each(|(part, blocks)| part.extend(blocks));
    }
    let found = on_all_cores(parts, |blocks| {
        let count = blocks.iter().map(Vec::len).sum();
        let mut seen = HashSet::with_capacity_and_hasher(count, foldhash::fast::RandomState::default());
        let again = blocks.into_iter().flatten().filter(|hash| !seen.insert(*hash));
        again.take(REPEATED_MAX).collect::<Vec<u64>>()
    });
    found.into_iter().flatten().take(REPEATED_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_repetition_is_found_wherever_it_is(n in 1_usize..30_000, repeat in proptest::option::of(0_usize..30_000)) {
            let key = RandomState::default();
            let mut all = [Identities::new(&key), Identities::new(&key)];
            for k in 0..n {
                all[k % 2].add(format!("R{k}").as_bytes());
            }
            let repeat = repeat.map(|k| k % n);
            if let Some(k) = repeat {
                all[0].add(format!("R{k}").as_bytes());
            }
            let found = repeated(all.into());
            let expected: Vec<u64> = repeat.map(|k| key.hash_one(format!("R{k}").as_bytes())).into_iter().collect();
            prop_assert_eq!(found, expected);
        }
    }
}
