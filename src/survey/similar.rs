//! Which comments are nearly alike: sets of three letters in a row, compared by their smallest hashes.
//!
//! Source: Broder (1997), On the resemblance and containment of documents.

use std::collections::HashMap;

/// Comments with this resemblance or more are nearly alike.
pub const ALIKE_FROM: f64 = 0.8;
/// Shorter comments say the same by chance.
const LETTERS_LEAST: usize = 10;
const HASHES: usize = 32;
/// Hashes that must agree for two comments to be compared at all: of eight groups of four at least one.
const GROUP: usize = 4;

/// What is kept of a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sketch([u32; HASHES]);

impl Sketch {
    /// Of a comment; nothing of a short one. Letter case, spaces and punctuation do not matter.
    pub fn of(comment: &str) -> Option<Self> {
        let letters: Vec<char> = comment
            .chars()
            .flat_map(char::to_lowercase)
            .filter(|c| c.is_alphanumeric())
            .collect();
        if letters.len() < LETTERS_LEAST {
            return None;
        }
        let mut least = [u32::MAX; HASHES];
        for three in letters.windows(3) {
            let hash = three.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, letter| {
                (hash ^ u64::from(u32::from(*letter))).wrapping_mul(0x0000_0100_0000_01b3)
            });
            for (seed, least) in (1_u64..).zip(&mut least) {
                *least = (*least).min(mixed(hash ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
            }
        }
        Some(Self(least))
    }

    /// An estimate of the share of what two comments have in common, 0..=1.
    pub fn resemblance(&self, other: &Self) -> f64 {
        let same = self.0.iter().zip(&other.0).filter(|(one, other)| one == other).count();
        same as f64 / HASHES as f64
    }

    fn groups(&self) -> impl Iterator<Item = (usize, u64)> {
        self.0.chunks(GROUP).enumerate().map(|(place, hashes)| {
            let one = hashes.iter().fold(0, |sum: u64, hash| mixing(sum ^ u64::from(*hash)));
            (place, one)
        })
    }
}

fn mixing(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

fn mixed(value: u64) -> u32 {
    u32::try_from(mixing(value) >> 32).unwrap_or(u32::MAX)
}

/// Comments to compare with: the first of every group of like ones, and the best resemblance another one had with it.
#[derive(Debug, Default)]
pub struct Comments {
    first: Vec<(Sketch, f64)>,
    by_group: HashMap<(usize, u64), usize>,
}

impl Comments {
    /// Adds a comment.
    pub fn add(&mut self, sketch: Sketch) {
        if let Some((place, resemblance)) = self.nearest(&sketch)
            && resemblance >= ALIKE_FROM
            && let Some((_, best)) = self.first.get_mut(place)
        {
            *best = best.max(resemblance);
            return;
        }
        let place = self.first.len();
        for group in sketch.groups() {
            self.by_group.entry(group).or_insert(place);
        }
        self.first.push((sketch, 0.0));
    }

    fn nearest(&self, sketch: &Sketch) -> Option<(usize, f64)> {
        sketch
            .groups()
            .filter_map(|group| self.by_group.get(&group))
            .filter_map(|place| {
                let (known, _) = self.first.get(*place)?;
                Some((*place, sketch.resemblance(known)))
            })
            .max_by(|one, other| one.1.total_cmp(&other.1).then(other.0.cmp(&one.0)))
    }

    /// How much a comment, added before, resembles another one; nothing where it stands alone.
    pub fn alike(&self, sketch: &Sketch) -> Option<f64> {
        let (place, resemblance) = self.nearest(sketch)?;
        let (_, best) = self.first.get(place)?;
        // The first of a group resembles itself wholly: the others say how much it resembles them.
        let value = if resemblance < 1.0 { resemblance } else { *best };
        (value >= ALIKE_FROM).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_with_small_changes_are_found_and_others_are_not() {
        let copies = [
            "师傅很热情，修得很快，价格也合理，非常满意，下次还找你们",
            "师傅很热情 修得很快 价格也合理 非常满意 下次还找你们！！",
            "师傅很热情，修得很快，价格也合理，非常满意，下次还找你们哦",
        ];
        let others = [
            "等了三天才来人，打了好几次电话，零件还要另外收费",
            "The technician arrived on time and explained what was wrong.",
            "门店的人态度一般，但是最后问题解决了，总体可以接受",
        ];
        let mut comments = Comments::default();
        for text in copies.iter().chain(&others) {
            comments.add(Sketch::of(text).unwrap());
        }
        for text in copies {
            assert!(comments.alike(&Sketch::of(text).unwrap()).is_some(), "{text}");
        }
        for text in others {
            assert_eq!(comments.alike(&Sketch::of(text).unwrap()), None, "{text}");
        }
        assert_eq!(Sketch::of("很好，谢谢！"), None);
    }
}
