//! QR codes, personal links and printed codes of an evaluation: lists for the office, plates and slips for the printer.

mod change;
mod list;
mod paper;
mod plate;

pub use change::{Change, change};
pub use list::{BatchRow, CodeRow, CodesPage, Counts, LinksPage, batch, codes, links};
pub use paper::{Slips, plates, slips};
pub use plate::{Plate, plate};
