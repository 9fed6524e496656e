//! Every response once: finding a repeated `resp_id` among millions in eight bytes a row.
//!
//! Every id leaves a 64-bit hash (under a random key, so that nobody can prepare collisions). After the last row the hashes
//! are sorted, part by part. Equal ids have equal hashes, so no repetition is missed. Where two hashes are equal the file
//! is read once more and the ids themselves are compared, so nothing is called a repetition that is none: with 10 million rows
//! that second reading happens by chance once in 370 000 runs.

use std::hash::BuildHasher;

use foldhash::quality::RandomState;

const PARTS: usize = 64;
/// Hashes of one block: memory grows by 64 KiB, never by copying.
const BLOCK: usize = 8192;
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
        let Some(blocks) = self.parts.get_mut((hash >> 58) as usize) else {
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

/// The hashes that occur more than once among several threads' ids.
pub(super) fn repeated(mut all: Vec<Identities>) -> Vec<u64> {
    let (mut found, mut hashes) = (Vec::new(), Vec::new());
    for part in 0..PARTS {
        hashes.clear();
        for identities in &mut all {
            let blocks = identities.parts.get_mut(part).map(std::mem::take).unwrap_or_default();
            hashes.extend(blocks.into_iter().flatten());
        }
        hashes.sort_unstable();
        let equal = hashes
            .iter()
            .zip(hashes.iter().skip(1))
            .filter(|(one, next)| one == next);
        found.extend(equal.map(|(hash, _)| *hash));
        if found.len() >= REPEATED_MAX {
            break;
        }
    }
    found
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
