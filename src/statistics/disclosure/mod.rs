//! How finely the rows of a result may be told, so that nothing published, nor any sum or difference of it, rests on few
//! people.
//!
//! A result adds up points w(o, c, i) over outlets o, evidence classes c and items i. Two tables are told: outlets × classes
//! over all items, and items × classes over all outlets, facets being sums of items. Whatever a reader computes by adding
//! and subtracting published cells is Σ (α(o, c) + β(i, c))·w(o, c, i), α made of the first table and β of the second. It
//! must be nothing, or rest on k people at least.
//!
//! Every row is told with a [`Detail`], a partition of the classes; a finer one includes the coarser. Outlets that differ in
//! nothing published form one group, and so do items ([`outlets`], [`items`]). Then it is enough that
//!
//! 1. where β differs between two groups of items, every outlet and class contributes all who rated one or all who rated
//!    the other, whatever α is there: Σ min(n(o, c, i), n(o, c, j)) ≥ k for an item of each;
//! 2. where the difference of β between two blocks of classes differs between two groups of items, one of both blocks is in
//!    case 1;
//! 3. where β does not differ, only outlets are left: a group has k people, and one whose blocks differ contributes the
//!    people of one block or of the other at every outlet told by itself: Σ min ≥ k again.
//!
//! These bounds are sufficient and count each person once. They hold for sums of points, of squares and of people alike.
//! What a group of k or more have in common, all of them at full marks for example, is told of a published cell as of a
//! withheld one: k protects who said it, not that all said it.
//!
//! Source: security.md T6; Cox (1980), "Suppression methodology and statistical disclosure control", JASA 75(370), for
//! primary and complementary suppression. Withholding by partitions instead of single cells makes the proof above possible
//! and leaves nothing to search for afterwards.

mod items;
mod outlets;

pub(super) use self::items::{Facet, Rated, items};
pub(super) use self::outlets::outlets;
use super::class::{ByClass, Column};

/// Which sums over evidence classes a row tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Detail {
    /// None.
    Nothing,
    /// All classes together.
    Together,
    /// In person and electronic, and both together.
    Channels,
    /// Each class, and all their sums.
    Classes,
}

impl Detail {
    /// Those that tell something, coarsest first.
    const TELLING: [Detail; 3] = [Detail::Together, Detail::Channels, Detail::Classes];

    /// The finest detail in which every block of classes has nobody or at least `below` people, by every count.
    pub fn finest(counts: &[ByClass<u64>], below: u64) -> Self {
        let fits = |detail: &&Detail| {
            let mut blocks = counts.iter().flat_map(|people| detail.blocks(people));
            blocks.all(|people| people == 0 || people >= below)
        };
        let found = Self::TELLING.iter().rev().find(fits);
        found.copied().unwrap_or(Detail::Nothing)
    }

    /// Whether a row of this detail tells a column.
    pub fn tells(self, column: Column) -> bool {
        let least = match column {
            Column::All => Detail::Together,
            Column::Face | Column::Electronic => Detail::Channels,
            Column::Invited | Column::Open => Detail::Classes,
        };
        self >= least
    }

    fn coarser(self) -> Self {
        match self {
            Detail::Classes => Detail::Channels,
            Detail::Channels => Detail::Together,
            Detail::Together | Detail::Nothing => Detail::Nothing,
        }
    }

    fn blocks(self, people: &ByClass<u64>) -> Vec<u64> {
        let electronic = people.invited + people.open;
        match self {
            Detail::Nothing => Vec::new(),
            Detail::Together => vec![people.face + electronic],
            Detail::Channels => vec![people.face, electronic],
            Detail::Classes => vec![people.face, people.invited, people.open],
        }
    }

    /// The two blocks that this detail tells apart and the next coarser one does not.
    fn sides(self, people: &ByClass<u64>) -> Option<[u64; 2]> {
        match self {
            Detail::Nothing | Detail::Together => None,
            Detail::Channels => Some([people.face, people.invited + people.open]),
            Detail::Classes => Some([people.invited, people.open]),
        }
    }
}

fn total(people: &ByClass<u64>) -> u64 {
    people.face + people.invited + people.open
}
