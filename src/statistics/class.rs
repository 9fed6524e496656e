//! Evidence classes (how an answer was obtained) and the columns that results are reported in.
//!
//! Source: CQM/F-RZ-ZY-06-001 6.2 note 4 (S_face = in-person, S = in-person and electronic together). The electronic
//! channel is kept in two classes, because a self-selected answer carries no sampling probability.

use serde::Serialize;

/// How an answer was obtained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceClass {
    /// In-person interview by an evaluator (当面).
    Face,
    /// Electronic, through a personal single-use invitation drawn from a frame.
    Invited,
    /// Electronic, through an open code: the customer chose to take part.
    Open,
}

impl EvidenceClass {
    /// Every class, in report order.
    pub const ALL: [EvidenceClass; 3] = [EvidenceClass::Face, EvidenceClass::Invited, EvidenceClass::Open];

    /// Stable name, for storage and exports.
    pub fn as_str(self) -> &'static str {
        match self {
            EvidenceClass::Face => "face",
            EvidenceClass::Invited => "invited",
            EvidenceClass::Open => "open",
        }
    }

    /// The class of a stable name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == name)
    }
}

/// A reported column: one class, or a sum of classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// In-person answers: S_face (S当面).
    Face,
    /// Invited electronic answers.
    Invited,
    /// Self-selected electronic answers.
    Open,
    /// Invited and self-selected together: S_elec.
    Electronic,
    /// Both channels together: S.
    All,
}

impl Column {
    /// Every column, in report order.
    pub const ALL: [Column; 5] = [
        Column::Face,
        Column::Invited,
        Column::Open,
        Column::Electronic,
        Column::All,
    ];

    /// The evidence classes in it.
    pub fn classes(self) -> &'static [EvidenceClass] {
        match self {
            Column::Face => &[EvidenceClass::Face],
            Column::Invited => &[EvidenceClass::Invited],
            Column::Open => &[EvidenceClass::Open],
            Column::Electronic => &[EvidenceClass::Invited, EvidenceClass::Open],
            Column::All => &EvidenceClass::ALL,
        }
    }
    /// Stable name, equal to the key in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Column::Face => "face",
            Column::Invited => "invited",
            Column::Open => "open",
            Column::Electronic => "electronic",
            Column::All => "all",
        }
    }
}

impl From<EvidenceClass> for Column {
    fn from(class: EvidenceClass) -> Self {
        match class {
            EvidenceClass::Face => Column::Face,
            EvidenceClass::Invited => Column::Invited,
            EvidenceClass::Open => Column::Open,
        }
    }
}

/// One value per evidence class.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ByClass<T> {
    /// In-person.
    pub face: T,
    /// Invited electronic.
    pub invited: T,
    /// Self-selected electronic.
    pub open: T,
}

impl<T> ByClass<T> {
    /// One value per class, made in report order.
    pub fn from_fn(mut make: impl FnMut(EvidenceClass) -> T) -> Self {
        Self {
            face: make(EvidenceClass::Face),
            invited: make(EvidenceClass::Invited),
            open: make(EvidenceClass::Open),
        }
    }

    /// The value of a class.
    pub fn get(&self, class: EvidenceClass) -> &T {
        match class {
            EvidenceClass::Face => &self.face,
            EvidenceClass::Invited => &self.invited,
            EvidenceClass::Open => &self.open,
        }
    }

    /// The value of a class, to change it.
    pub fn get_mut(&mut self, class: EvidenceClass) -> &mut T {
        match class {
            EvidenceClass::Face => &mut self.face,
            EvidenceClass::Invited => &mut self.invited,
            EvidenceClass::Open => &mut self.open,
        }
    }
}

/// One value per column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ByColumn<T> {
    /// In-person: S_face.
    pub face: T,
    /// Invited electronic.
    pub invited: T,
    /// Self-selected electronic.
    pub open: T,
    /// Electronic: S_elec.
    pub electronic: T,
    /// Both channels: S.
    pub all: T,
}

impl<T> ByColumn<T> {
    /// One value per column, made in report order.
    pub fn from_fn(mut make: impl FnMut(Column) -> T) -> Self {
        Self {
            face: make(Column::Face),
            invited: make(Column::Invited),
            open: make(Column::Open),
            electronic: make(Column::Electronic),
            all: make(Column::All),
        }
    }

    /// The value of a column.
    pub fn get(&self, column: Column) -> &T {
        match column {
            Column::Face => &self.face,
            Column::Invited => &self.invited,
            Column::Open => &self.open,
            Column::Electronic => &self.electronic,
            Column::All => &self.all,
        }
    }

    /// Columns and values, in report order.
    pub fn iter(&self) -> impl Iterator<Item = (Column, &T)> {
        Column::ALL.into_iter().map(|column| (column, self.get(column)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_round_trip_and_equal_the_json_form() {
        for class in EvidenceClass::ALL {
            assert_eq!(EvidenceClass::parse(class.as_str()), Some(class));
            assert_eq!(serde_json::to_value(class).unwrap(), class.as_str());
            assert_eq!(Column::from(class).as_str(), class.as_str());
        }
        assert_eq!(EvidenceClass::parse("email"), None);
        for column in Column::ALL {
            assert_eq!(serde_json::to_value(column).unwrap(), column.as_str());
        }
    }

    #[test]
    fn every_place_belongs_to_its_name() {
        let columns = ByColumn::from_fn(|column| column);
        assert!(columns.iter().all(|(column, value)| column == *value));
        let mut classes = ByClass::from_fn(|class| class);
        for class in EvidenceClass::ALL {
            assert_eq!(*classes.get(class), class);
            assert_eq!(*classes.get_mut(class), class);
        }
    }
}
