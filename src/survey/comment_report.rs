//! What the sampling report says of comments: how many, their themes, what was cleared, whether incidents were passed on.
//! Small numbers are withheld, here as everywhere; quotes stand without their themes and in random order.
//!
//! Source: requirements.md §8.1, §10 part 12.

use std::collections::BTreeMap;

use super::comment::Concern;
use super::theme::Theme;

/// Quotes that a report prints.
pub const QUOTES_MAX: usize = 100;

/// Comments of the answers that count, as they are published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommentReport {
    /// How many; withheld below the bound, and then everything else is, too.
    pub comments: Option<u64>,
    /// Every theme that there is, with how many comments; withheld below the bound.
    pub themes: Vec<(Theme, Option<u64>)>,
    /// What was cleared, at most [`QUOTES_MAX`] in the order of random ids.
    pub quotes: Vec<String>,
    /// How many were cleared; withheld with the number of comments.
    pub cleared: Option<u64>,
    /// Concerns of which incidents were passed to those who score.
    pub concerns: Vec<Concern>,
    /// Themes that the evaluation added.
    pub own: Vec<(u8, String)>,
}

/// Which themes are withheld: those with fewer than `below` comments, and so many more, smallest first, that those withheld
/// have `below` together and are not one alone. Who knows how many comments there are cannot tell one from the others.
fn withheld(counts: &BTreeMap<Theme, u64>, below: u64) -> Vec<Theme> {
    let mut rising: Vec<(u64, Theme)> = counts.iter().map(|(theme, n)| (*n, *theme)).collect();
    rising.sort_unstable();
    let mut hidden: Vec<(u64, Theme)> = Vec::new();
    for (n, theme) in rising {
        let together: u64 = hidden.iter().map(|(n, _)| n).sum();
        let safe = hidden.is_empty() || hidden.len() > 1 && together >= below;
        if n >= below && safe {
            break;
        }
        hidden.push((n, theme));
    }
    hidden.into_iter().map(|(_, theme)| theme).collect()
}

impl CommentReport {
    /// From the comments of answers that count, in the order of their random ids: themes, and the text that was cleared.
    pub fn of(
        comments: Vec<(Vec<Theme>, Option<String>)>,
        (concerns, own): (Vec<Concern>, Vec<(u8, String)>),
        below: u64,
    ) -> Self {
        let all = comments.len() as u64;
        let mut report = Self {
            concerns,
            own,
            ..Self::default()
        };
        if all < below {
            return report;
        }
        let mut counts: BTreeMap<Theme, u64> = BTreeMap::new();
        for theme in comments.iter().flat_map(|(themes, _)| themes) {
            *counts.entry(*theme).or_default() += 1;
        }
        let hidden = withheld(&counts, below);
        let shown = |theme: &Theme| !hidden.contains(theme);
        report.themes = counts
            .iter()
            .map(|(theme, n)| (*theme, shown(theme).then_some(*n)))
            .collect();
        report.comments = Some(all);
        let mut quotes: Vec<String> = comments.into_iter().filter_map(|(_, text)| text).collect();
        report.cleared = Some(quotes.len() as u64);
        quotes.truncate(QUOTES_MAX);
        report.quotes = quotes;
        report
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Theme::*;

    fn of(counts: &[(Theme, u64)]) -> Vec<(Theme, Option<u64>)> {
        let comments = counts
            .iter()
            .flat_map(|(theme, n)| (0..*n).map(|_| (vec![*theme], Some("好".to_owned()))));
        CommentReport::of(comments.collect(), Default::default(), 5).themes
    }

    #[test]
    fn no_small_theme_is_told_nor_found_by_subtraction() {
        assert_eq!(of(&[(Skill, 9), (Speed, 7)]), [(Skill, Some(9)), (Speed, Some(7))]);
        // One alone would be all comments less the others.
        assert_eq!(
            of(&[(Skill, 9), (Speed, 7), (Parts, 2)]),
            [(Skill, Some(9)), (Speed, None), (Parts, None)]
        );
        // Two that are too few together would be told together.
        assert_eq!(
            of(&[(Skill, 9), (Speed, 7), (Parts, 1), (Other, 2)]),
            [(Skill, Some(9)), (Speed, None), (Parts, None), (Other, None)]
        );
        for counts in [[1, 1, 1, 30], [4, 4, 5, 6], [2, 3, 9, 9]] {
            let named: Vec<_> = [Skill, Speed, Parts, Other].into_iter().zip(counts).collect();
            let hidden: Vec<u64> = of(&named)
                .iter()
                .zip(counts)
                .filter(|((_, shown), _)| shown.is_none())
                .map(|(_, n)| n)
                .collect();
            assert!(
                hidden.len() > 1 && hidden.iter().sum::<u64>() >= 5,
                "{counts:?} {hidden:?}"
            );
        }
    }

    #[test]
    fn few_comments_are_not_told_at_all() {
        let told = CommentReport::of(vec![(vec![Skill], Some("好".into())); 4], Default::default(), 5);
        assert_eq!(told, CommentReport::default());
        let mut six = vec![(vec![Skill], Some("好".to_owned())); 5];
        six.push((vec![Skill], None));
        let told = CommentReport::of(six, Default::default(), 5);
        assert_eq!((told.comments, told.cleared, told.quotes.len()), (Some(6), Some(5), 5));
    }
}
