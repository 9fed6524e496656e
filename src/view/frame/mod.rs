//! Pages of the list of customers and the draw from it.

mod draw;
mod import;
mod names;
mod parts;
mod record;
mod sample;

pub use draw::{DrawPage, draw, reserves};
pub use import::{ColumnsPage, SampleRow, columns, error_head, error_row, upload};
pub(in crate::view) use names::out as out_name;
pub use record::record;
pub use sample::{DrawnStratum, FixedDraw, SamplePage, Stage, erase, sample};
