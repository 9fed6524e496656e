//! The questionnaire file as written: plain data for serde, not yet checked. Fields that only people read
//! (notes, reasons) are left where they are.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::language::Text;

#[derive(Deserialize)]
pub(super) struct File {
    pub id: String,
    pub version: String,
    pub languages: Vec<String>,
    pub title: Text,
    pub dimensions: Vec<DimensionEntry>,
    pub scale: ScaleEntry,
    /// Missing before version 1.1.0 of the questionnaire: no reasons are asked.
    pub low_rating: Option<ControlEntry>,
    pub screening: Vec<QuestionEntry>,
    pub control_item: ControlEntry,
    pub stem: StemEntry,
    pub items: Vec<ItemEntry>,
    pub fields: Vec<QuestionEntry>,
    pub texts: BTreeMap<String, String>,
    pub channels: ChannelsEntry,
    pub dispositions: Vec<DispositionEntry>,
    pub refusal_reasons: Vec<OptionEntry>,
    pub coverage: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
pub(super) struct DimensionEntry {
    pub id: String,
    #[serde(flatten)]
    pub text: Text,
    pub weight: u32,
    pub items: Vec<String>,
    #[serde(default)]
    pub low_reasons: Vec<OptionEntry>,
}

#[derive(Deserialize)]
pub(super) struct ScaleEntry {
    pub codes: BTreeMap<String, u32>,
    pub na_code: u8,
    pub labels: Vec<LabelEntry>,
    pub na: Text,
}

#[derive(Deserialize)]
pub(super) struct LabelEntry {
    pub code: u8,
    #[serde(flatten)]
    pub text: Text,
}

#[derive(Deserialize)]
pub(super) struct ControlEntry {
    pub id: String,
    #[serde(flatten)]
    pub text: Text,
}

#[derive(Deserialize)]
pub(super) struct StemEntry {
    #[serde(flatten)]
    pub text: Text,
    pub read_zh: String,
    pub read_en: String,
}

#[derive(Deserialize)]
pub(super) struct ChannelsEntry {
    pub in_person: InPersonEntry,
}

#[derive(Deserialize)]
pub(super) struct InPersonEntry {
    pub extra_fields: Vec<QuestionEntry>,
}

#[derive(Deserialize)]
pub(super) struct ItemEntry {
    pub id: String,
    pub dimension: String,
    pub group: String,
    pub weight: u32,
    pub applies_if: ConditionEntry,
    pub clauses: Vec<String>,
    #[serde(flatten)]
    pub text: Text,
}

/// `{"always": true}` or `{"any": ["service", …]}`; anything else is an unknown condition.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConditionEntry {
    #[serde(default)]
    pub always: bool,
    #[serde(default)]
    pub any: Vec<String>,
}

/// A screening question or an unscored field. Fields filled in by the program carry no text.
#[derive(Deserialize)]
pub(super) struct QuestionEntry {
    pub id: String,
    #[serde(flatten)]
    pub text: Option<Text>,
    pub options: Option<OptionsEntry>,
    pub applies_if: Option<ConditionEntry>,
    pub max: Option<usize>,
}

/// Options are listed, or described in words where the organisation's scope supplies them.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum OptionsEntry {
    Listed(Vec<OptionEntry>),
    Described(#[allow(dead_code, reason = "a note for people")] String),
}

#[derive(Deserialize)]
pub(super) struct OptionEntry {
    pub id: String,
    #[serde(flatten)]
    pub text: Text,
}

#[derive(Deserialize)]
pub(super) struct DispositionEntry {
    pub code: String,
    #[serde(flatten)]
    pub text: Text,
    pub class: ClassEntry,
    pub channels: String,
}

/// One outcome class for all channels, or one per channel.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum ClassEntry {
    One(String),
    PerChannel(BTreeMap<String, String>),
}
