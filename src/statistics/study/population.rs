//! What is known about an organisation's customers before anyone is asked: outlets, the frame, and margins.
//!
//! Source: statistics.md §3 (N_h, M) and §6 (margins with known numbers of customers).

use super::StudyError;

/// Most cells outlets × joint margin levels of one organisation.
pub const CELL_COUNT_MAX: usize = 1 << 22;

/// An outlet of the organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlet {
    /// Its name in files.
    pub name: String,
    /// N_h, its customers; nothing when unknown.
    pub customers: Option<u64>,
}

/// One level of a margin variable, such as an age band.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// Its name in files.
    pub name: String,
    /// Customers of this level.
    pub customers: u64,
}

/// A variable with known numbers of customers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Margin {
    /// Its name in files.
    pub variable: String,
    /// Its levels, every customer belongs to exactly one.
    pub levels: Vec<Level>,
}

/// Outlets, frame and margins of one organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Population {
    outlets: Vec<Outlet>,
    frame_outlets: Option<u64>,
    margins: Vec<Margin>,
    cell_count: usize,
}

impl Population {
    /// Checks and keeps what is known.
    ///
    /// # Errors
    /// [`StudyError::Margin`] for a margin without a level, [`StudyError::TooManyCells`] beyond [`CELL_COUNT_MAX`].
    pub fn new(outlets: Vec<Outlet>, frame_outlets: Option<u64>, margins: Vec<Margin>) -> Result<Self, StudyError> {
        if let Some(empty) = margins.iter().position(|margin| margin.levels.is_empty()) {
            return Err(StudyError::Margin(empty));
        }
        let cell_count = margins
            .iter()
            .try_fold(1_usize, |cells, margin| cells.checked_mul(margin.levels.len()));
        let cell_count = cell_count.ok_or(StudyError::TooManyCells)?;
        match cell_count.checked_mul(outlets.len()) {
            Some(all) if all <= CELL_COUNT_MAX => Ok(Self {
                outlets,
                frame_outlets,
                margins,
                cell_count,
            }),
            _ => Err(StudyError::TooManyCells),
        }
    }

    /// The outlets, in their order.
    pub fn outlets(&self) -> &[Outlet] {
        &self.outlets
    }
    /// M: outlets that the organisation has, visited or not; nothing when unknown.
    pub fn frame_outlets(&self) -> Option<u64> {
        self.frame_outlets
    }
    /// The margin variables, in their order.
    pub fn margins(&self) -> &[Margin] {
        &self.margins
    }
    /// Joint levels of all margin variables.
    pub(super) fn cell_count(&self) -> usize {
        self.cell_count
    }

    /// The joint level of one level per margin variable.
    pub(super) fn cell(&self, levels: &[usize]) -> Option<usize> {
        if levels.len() != self.margins.len() {
            return None;
        }
        self.margins.iter().zip(levels).try_fold(0, |cell, (margin, level)| {
            (*level < margin.levels.len()).then_some(cell * margin.levels.len() + level)
        })
    }

    /// The level of one margin variable in a joint level.
    pub fn level(&self, variable: usize, cell: usize) -> usize {
        let behind: usize = self.margins.iter().skip(variable + 1).map(|m| m.levels.len()).product();
        let own = self.margins.get(variable).map_or(1, |margin| margin.levels.len());
        cell / behind.max(1) % own
    }
}
