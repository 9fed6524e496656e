//! The seeded draw: simple random sampling without replacement in every stratum, with reserves in drawn order.
//!
//! Source: statistics.md §9, product M10. The draw is fixed by three things only: the frame (by its SHA-256), the seed and
//! the method, so that anybody can rerun it with any program that has SHA-256:
//!
//! 1. For every case take the SHA-256 of these five lines joined by a line feed, without one at the end:
//!    `perception-draw-1`, the frame's SHA-256 (64 lower-case hexadecimal digits of the file's bytes), the seed, the stratum,
//!    the case's id.
//! 2. Sort the cases of a stratum by that hash, ascending, as bytes.
//! 3. The first n are drawn, the next r are the reserves; a reserve replaces a case only in this order.
//!
//! The hash is a random number for whoever could not choose the seed: the seed is logged before the frame is known, or
//! comes from a public source after it, and any change of the frame changes the order of everything.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

/// Name of the method, first line of every hash.
pub const METHOD: &str = "perception-draw-1";

/// Why nothing can be drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DrawError {
    /// A seed, stratum or id that cannot stand on one line.
    #[error("{what} {text:?}: must not be empty nor hold a line end")]
    Line {
        /// `seed`, `stratum` or `id`.
        what: &'static str,
        /// What was given.
        text: String,
    },
    /// The same case twice in one stratum.
    #[error("id {id:?} is twice in stratum {stratum:?}")]
    Repeated {
        /// Stratum.
        stratum: String,
        /// Case.
        id: String,
    },
    /// A stratum of the plan that has no case in the frame.
    #[error("stratum {0:?} of the plan has no case in the frame")]
    Stratum(String),
    /// More is to be drawn than there is.
    #[error("stratum {stratum:?}: {wanted} to draw, {found} in the frame")]
    TooFew {
        /// Stratum.
        stratum: String,
        /// Planned.
        wanted: u64,
        /// In the frame.
        found: u64,
    },
}

/// What identifies a draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seed<'a> {
    /// SHA-256 of the frame's bytes, hexadecimal.
    pub frame_sha256: &'a str,
    /// The seed, any text of one line.
    pub seed: &'a str,
}

/// How much is drawn in a stratum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Take {
    /// Cases to draw.
    pub draw: u64,
    /// Reserves to put in order; fewer where the frame has no more.
    pub reserves: u64,
}

/// A drawn case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// Its stratum.
    pub stratum: String,
    /// Its place in the drawn order of the stratum, from 1.
    pub place: u64,
    /// Whether it is a reserve.
    pub reserve: bool,
    /// Its id.
    pub id: String,
    /// Its hash, hexadecimal: what it was sorted by.
    pub hash: String,
}

/// Draws: for every stratum of the plan, in the order of the names, the cases in drawn order. The order of the frame's rows does
/// not matter.
///
/// # Errors
/// [`DrawError`]; nothing is drawn then.
pub fn draw<'a>(
    frame: impl IntoIterator<Item = (&'a str, &'a str)>,
    seed: &Seed<'_>,
    plan: &BTreeMap<String, Take>,
) -> Result<Vec<Drawn>, DrawError> {
    one_line("seed", seed.seed)?;
    let mut strata: BTreeMap<&str, Vec<([u8; 32], &str)>> = BTreeMap::new();
    for (stratum, id) in frame {
        one_line("stratum", stratum)?;
        one_line("id", id)?;
        if plan.contains_key(stratum) {
            strata.entry(stratum).or_default().push((order(seed, stratum, id), id));
        }
    }
    let mut drawn = Vec::new();
    for (stratum, take) in plan {
        let mut cases = strata
            .remove(stratum.as_str())
            .ok_or_else(|| DrawError::Stratum(stratum.clone()))?;
        cases.sort_unstable();
        if let Some(repeated) = cases.iter().zip(cases.iter().skip(1)).find(|(one, next)| one == next) {
            return Err(DrawError::Repeated {
                stratum: stratum.clone(),
                id: repeated.0.1.to_owned(),
            });
        }
        let found = cases.len() as u64;
        if found < take.draw {
            return Err(DrawError::TooFew {
                stratum: stratum.clone(),
                wanted: take.draw,
                found,
            });
        }
        let until = take.draw.saturating_add(take.reserves).min(found);
        for (place, (hash, id)) in (1..=until).zip(cases) {
            drawn.push(Drawn {
                stratum: stratum.clone(),
                place,
                reserve: place > take.draw,
                id: id.to_owned(),
                hash: data_encoding::HEXLOWER.encode(&hash),
            });
        }
    }
    Ok(drawn)
}

fn order(seed: &Seed<'_>, stratum: &str, id: &str) -> [u8; 32] {
    Sha256::digest([METHOD, seed.frame_sha256, seed.seed, stratum, id].join("\n")).into()
}

fn one_line(what: &'static str, text: &str) -> Result<(), DrawError> {
    if text.is_empty() || text.contains(['\n', '\r']) {
        return Err(DrawError::Line {
            what,
            text: text.chars().take(40).collect(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use proptest::prelude::*;

    const FRAME: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    fn seed(text: &str) -> Seed<'_> {
        Seed {
            frame_sha256: FRAME,
            seed: text,
        }
    }

    fn plan(entries: &[(&str, u64, u64)]) -> BTreeMap<String, Take> {
        let take = |(stratum, draw, reserves): &(&str, u64, u64)| {
            let take = Take {
                draw: *draw,
                reserves: *reserves,
            };
            (String::from(*stratum), take)
        };
        entries.iter().map(take).collect()
    }

    fn cases(n: u32) -> Vec<(String, String)> {
        (0..n)
            .map(|k| (["A", "B"][k as usize % 2].to_owned(), format!("O{k:05}")))
            .collect()
    }

    fn drawn(frame: &[(String, String)], text: &str, plan: &BTreeMap<String, Take>) -> Result<Vec<Drawn>, DrawError> {
        draw(frame.iter().map(|(s, i)| (s.as_str(), i.as_str())), &seed(text), plan)
    }

    #[test]
    fn another_program_gives_the_same_hash() {
        // printf 'perception-draw-1\n00112233…eeff\n2026-lottery-4711\nA\nO00001' | sha256sum
        let one = drawn(
            &[("A".into(), "O00001".into())],
            "2026-lottery-4711",
            &plan(&[("A", 1, 0)]),
        )
        .unwrap();
        assert_eq!(
            one[0].hash,
            "687335bdbd6a491b7bd223aa715e3bffe603852b304867c6485c34aa13afe968"
        );
    }

    #[test]
    fn what_cannot_be_drawn_is_named() {
        let frame = cases(10);
        let twice = [cases(2), cases(2)].concat();
        assert!(matches!(
            drawn(&frame, "", &plan(&[])),
            Err(DrawError::Line { what: "seed", .. })
        ));
        assert!(matches!(drawn(&frame, "x", &plan(&[("C", 1, 0)])), Err(DrawError::Stratum(s)) if s == "C"));
        assert!(matches!(
            drawn(&frame, "x", &plan(&[("A", 6, 0)])),
            Err(DrawError::TooFew {
                wanted: 6,
                found: 5,
                ..
            })
        ));
        assert!(matches!(
            drawn(&twice, "x", &plan(&[("A", 1, 0)])),
            Err(DrawError::Repeated { .. })
        ));
        let broken = [("A".to_owned(), "a\nb".to_owned())];
        assert!(matches!(
            drawn(&broken, "x", &plan(&[])),
            Err(DrawError::Line { what: "id", .. })
        ));
    }

    #[test]
    fn every_case_is_drawn_about_equally_often() {
        let (frame, plan) = (cases(40), plan(&[("A", 5, 0)]));
        let mut counts = BTreeMap::<String, u32>::new();
        for k in 0..2000 {
            for case in drawn(&frame, &format!("seed {k}"), &plan).unwrap() {
                *counts.entry(case.id).or_default() += 1;
            }
        }
        // 2000 draws of 5 of 20: expected 500 each, standard deviation 19.4.
        assert_eq!(counts.len(), 20);
        assert!(counts.values().all(|n| (400..600).contains(n)), "{counts:?}");
    }

    proptest! {
        #[test]
        fn the_draw_depends_on_frame_and_seed_only(
            n in 20_u32..200, take in 1_u64..10, reserves in 0_u64..10, text in "[a-z0-9]{1,12}", turn in 0_usize..200,
        ) {
            let (frame, plan) = (cases(n), plan(&[("A", take, reserves), ("B", take, 0)]));
            let mut turned = frame.clone();
            turned.rotate_left(turn % n as usize);
            let found = drawn(&frame, &text, &plan).unwrap();
            prop_assert_eq!(&found, &drawn(&turned, &text, &plan).unwrap());
            prop_assert_eq!(found.iter().filter(|case| !case.reserve).count() as u64, 2 * take);
            // Fewer drawn is a beginning of more drawn: reserves are what would have been drawn next.
            let longer = drawn(&frame, &text, &self::plan(&[("A", take + reserves.min(u64::from(n) / 2 - take), 0)])).unwrap();
            let ids = |list: &[Drawn]| list.iter().filter(|c| c.stratum == "A").map(|c| c.id.clone()).collect::<Vec<_>>();
            prop_assert!(ids(&found).starts_with(&ids(&longer)) || ids(&longer).starts_with(&ids(&found)));
            prop_assert!(found.iter().zip(found.iter().skip(1)).all(|(a, b)| a.stratum < b.stratum || a.hash < b.hash));
        }
    }
}
