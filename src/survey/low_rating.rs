//! Reasons for a low rating: optional, from a short list of the item's dimension, kept only with such a rating.
//!
//! Source: product.md C8. A reason is named `F01.unsolved` in forms, stored content and packs (item and reason), and
//! `functionality.unsolved` where it is counted (dimension and reason): the items of a dimension share their list, and
//! one answer counts once however many of them it names.

use std::collections::BTreeSet;

use super::questionnaire::{Choice, Control, Facet, Item, Questionnaire, Scale};
use crate::statistics::score::Reply;

/// A reason given for the low rating of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LowReason {
    /// Place in [`Questionnaire::items`].
    item: usize,
    /// Place in the list of the item's dimension.
    reason: usize,
}

impl Scale {
    /// The highest code of a low rating: the lowest two fifths of the scale (2 of 5, 4 of 10), at least the lowest code.
    pub fn low_max(&self) -> u8 {
        (self.max().saturating_mul(2) / 5).max(1)
    }

    /// Whether a code is a low rating.
    pub fn is_low(&self, code: u8) -> bool {
        (1..=self.low_max()).contains(&code)
    }
}

impl Questionnaire {
    /// The question that a low rating opens; nothing where the questionnaire has no such list.
    pub fn low_rating(&self) -> Option<&Control> {
        self.low_rating.as_ref()
    }

    /// The reasons to choose from after a low rating of an item.
    pub fn low_reasons(&self, item: &Item) -> &[Choice] {
        let dimension = self.dimensions.get(item.dimension);
        dimension.map_or(&[], |dimension| &dimension.low_reasons)
    }

    /// Every reason of every item with its name, in the order of the items.
    pub fn named_low_reasons(&self) -> impl Iterator<Item = (LowReason, String)> {
        self.items.iter().enumerate().flat_map(|(place, item)| {
            let reasons = self.low_reasons(item).iter().enumerate();
            reasons.map(move |(reason, choice)| {
                let given = LowReason { item: place, reason };
                (given, low_reason_name(item, choice))
            })
        })
    }

    /// The names of an answer's reasons.
    pub fn low_reason_names(&self, given: &[LowReason]) -> Vec<String> {
        let name = |given: &LowReason| {
            let item = self.items.get(given.item)?;
            Some(low_reason_name(item, self.low_reasons(item).get(given.reason)?))
        };
        given.iter().filter_map(name).collect()
    }

    /// Every reason of every dimension with the code under which it is counted.
    pub fn low_reason_rows(&self) -> impl Iterator<Item = (&Facet, &Choice, String)> {
        self.dimensions.iter().flat_map(|dimension| {
            let reasons = dimension.low_reasons.iter();
            reasons.map(move |reason| (dimension, reason, code_of(dimension, reason)))
        })
    }

    /// A reason as it is counted: `dimension.reason`.
    pub fn low_reason_code(&self, given: LowReason) -> Option<String> {
        let dimension = self.dimensions.get(self.items.get(given.item)?.dimension)?;
        let reason = dimension.low_reasons.get(given.reason)?;
        Some(code_of(dimension, reason))
    }

    /// What an answer adds to the counts of reasons: each once.
    pub fn low_reason_codes(&self, given: &[LowReason]) -> BTreeSet<String> {
        given.iter().filter_map(|given| self.low_reason_code(*given)).collect()
    }

    /// The reasons named, as far as they belong to an item that has a low rating.
    pub(super) fn low_reasons_given(&self, replies: &[Reply], named: &BTreeSet<&str>) -> Vec<LowReason> {
        let given = self
            .named_low_reasons()
            .filter(|(given, name)| named.contains(name.as_str()) && self.has_low_rating(replies, given.item));
        given.map(|(given, _)| given).collect()
    }

    fn has_low_rating(&self, replies: &[Reply], item: usize) -> bool {
        matches!(replies.get(item), Some(Reply::Rated(code)) if self.scale.is_low(*code))
    }

    /// Those of an answer's reasons that still belong to a low rating.
    pub(super) fn still_low(&self, given: &[LowReason], replies: &[Reply]) -> Vec<LowReason> {
        let kept = given.iter().filter(|given| self.has_low_rating(replies, given.item));
        kept.copied().collect()
    }
}

impl LowReason {
    /// Place of the item in the questionnaire.
    pub fn item(self) -> usize {
        self.item
    }
    /// Place of the reason in the list of the item's dimension.
    pub fn reason(self) -> usize {
        self.reason
    }
}

fn code_of(dimension: &Facet, reason: &Choice) -> String {
    format!("{}.{}", dimension.id, reason.id)
}

/// The name of an item's reason in forms, stored content and packs.
pub fn low_reason_name(item: &Item, reason: &Choice) -> String {
    format!("{}.{}", item.id, reason.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::language::Text;

    #[test]
    fn the_lowest_two_fifths_are_low() {
        for (codes, low) in [(2_u32, 1_u8), (3, 1), (4, 1), (5, 2), (7, 2), (10, 4), (11, 4)] {
            let scale = Scale {
                points: (1..=codes).collect(),
                labels: Vec::new(),
                not_applicable: Text::default(),
            };
            assert_eq!(scale.low_max(), low, "{codes} codes");
            assert!(scale.is_low(1) && !scale.is_low(0) && !scale.is_low(low + 1));
        }
    }
}
