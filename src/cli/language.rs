//! In which language and form a command prints.

use clap::ValueEnum;

use crate::survey::language::Language;
use crate::view::words::Words;

/// Language of printed texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Lang {
    /// 中文
    Zh,
    /// English
    En,
}

/// Form of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// For people
    Text,
    /// For programs
    Json,
}

/// The words in the language asked for; without one the environment decides, and Chinese where it does not say English.
pub(super) fn words(asked: Option<Lang>) -> Words {
    let environment = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty())
        .unwrap_or_default();
    let english = match asked {
        Some(lang) => lang == Lang::En,
        None => environment.starts_with("en"),
    };
    Words::new(if english { Language::En } else { Language::ZhCn })
}
