//! What makes a list look made up (security.md T2). A flag says rule, value and threshold; it never blocks.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::check::Checked;

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rule {
    /// Addresses at the domain that has most of them, mail services for everybody aside.
    Domain,
    /// Addresses at the organisation's own domains.
    Own,
    /// Addresses that differ from another by one in the number at their end.
    Sequence,
    /// Addresses with a plus sign: many of them are one mailbox.
    Plus,
    /// Telephone numbers that share all but their last three digits with most others.
    Phones,
    /// Rows that say what another row says.
    Twice,
    /// Names that somebody else has, too.
    Names,
}

/// A rule that a list breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flag {
    /// Which.
    pub rule: Rule,
    /// What was found, per mille.
    pub value: u32,
    /// What is usual at most, per mille.
    pub threshold: u32,
    /// How many that are.
    pub count: u32,
}

/// Rule, threshold in per mille, and how many it must be at least.
const RULES: [(Rule, u32, u32); 7] = [
    (Rule::Domain, 100, 5),
    (Rule::Own, 0, 1),
    (Rule::Sequence, 50, 4),
    (Rule::Plus, 20, 3),
    (Rule::Phones, 20, 5),
    (Rule::Twice, 50, 5),
    (Rule::Names, 400, 10),
];

/// Mail services for everybody; a list may have any share of them.
const PUBLIC: [&str; 18] = [
    "qq.com",
    "vip.qq.com",
    "foxmail.com",
    "163.com",
    "126.com",
    "yeah.net",
    "sina.com",
    "sina.cn",
    "sohu.com",
    "139.com",
    "189.cn",
    "wo.cn",
    "aliyun.com",
    "gmail.com",
    "outlook.com",
    "hotmail.com",
    "icloud.com",
    "yahoo.com",
];

/// The rules that a list breaks.
pub fn flags(checked: &Checked, own: &[String]) -> Vec<Flag> {
    let contacts = || checked.cases.iter().map(|case| &case.contact);
    let addresses: Vec<(String, String)> = contacts()
        .filter_map(|contact| {
            let (name, domain) = contact.email.rsplit_once('@')?;
            Some((name.to_lowercase(), domain.to_lowercase()))
        })
        .collect();
    let cases = addresses.len();
    let found = RULES.into_iter().filter_map(|(rule, threshold, least)| {
        let (count, of) = match rule {
            Rule::Domain => (at_one_domain(&addresses, own), cases),
            Rule::Own => (
                addresses.iter().filter(|(_, domain)| is_own(domain, own)).count(),
                cases,
            ),
            Rule::Sequence => (in_sequence(&addresses), cases),
            Rule::Plus => (addresses.iter().filter(|(name, _)| name.contains('+')).count(), cases),
            Rule::Phones => {
                let phones: Vec<&str> = contacts().filter_map(|contact| contact.phone.as_deref()).collect();
                (in_one_run(&phones), phones.len())
            }
            Rule::Twice => (checked.twice() as usize, checked.rows as usize),
            Rule::Names => {
                let names: Vec<&str> = contacts().filter_map(|contact| contact.name.as_deref()).collect();
                let different: BTreeSet<&&str> = names.iter().collect();
                (names.len() - different.len(), names.len())
            }
        };
        let value = u32::try_from(count * 1_000 / of.max(1)).unwrap_or(u32::MAX);
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let is_more = u64::from(count) * 1_000 > u64::from(threshold) * of as u64;
        (is_more && count >= least).then_some(Flag {
            rule,
            value,
            threshold,
            count,
        })
    });
    found.collect()
}

fn is_own(domain: &str, own: &[String]) -> bool {
    let below = |own: &String| {
        domain == own
            || domain
                .strip_suffix(own.as_str())
                .is_some_and(|rest| rest.ends_with('.'))
    };
    own.iter().any(below)
}

fn at_one_domain(addresses: &[(String, String)], own: &[String]) -> usize {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, domain) in addresses {
        if !PUBLIC.contains(&domain.as_str()) && !is_own(domain, own) {
            *counts.entry(domain).or_default() += 1;
        }
    }
    counts.into_values().max().unwrap_or(0)
}

fn in_sequence(addresses: &[(String, String)]) -> usize {
    let mut numbers: BTreeMap<(&str, &str), BTreeSet<u64>> = BTreeMap::new();
    for (name, domain) in addresses {
        let stem = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
        if let Some(Ok(number)) = name.get(stem.len()..).map(str::parse::<u64>) {
            numbers.entry((stem, domain)).or_default().insert(number);
        }
    }
    let beside = |all: &BTreeSet<u64>| {
        let has =
            |n: &u64| all.contains(&n.saturating_add(1)) || n.checked_sub(1).is_some_and(|less| all.contains(&less));
        all.iter().filter(|n| has(n)).count()
    };
    numbers.values().map(beside).sum()
}

fn in_one_run(phones: &[&str]) -> usize {
    let mut runs: BTreeMap<&str, usize> = BTreeMap::new();
    for phone in phones {
        let start = phone.get(..phone.len().saturating_sub(3)).unwrap_or_default();
        *runs.entry(start).or_default() += 1;
    }
    runs.into_values().max().unwrap_or(0)
}
