//! QR codes as one SVG path: dark modules of a row that touch become one rectangle.

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode};

/// Light modules around the code that scanners need (ISO/IEC 18004).
const QUIET_MODULES: usize = 4;

/// The text is too long for a QR code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too long for a QR code")]
pub struct TooLong;

/// A QR code with its quiet zone, in units of one module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QrPath {
    /// Side of the square, quiet zone included.
    pub side: usize,
    /// Path data of the dark modules (`d` of a `<path>`).
    pub data: String,
}

impl QrPath {
    /// The code of a text, error correction level M (15 % may be damaged).
    ///
    /// # Errors
    /// [`TooLong`] beyond some 2 300 bytes.
    pub fn of(text: &str) -> Result<Self, TooLong> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| TooLong)?;
        let (width, colours) = (code.width(), code.into_colors());
        let mut data = String::new();
        for (row, modules) in colours.chunks(width).enumerate() {
            let mut column = 0;
            for run in modules.chunk_by(|a, b| a == b) {
                if run.first() == Some(&Color::Dark) {
                    let (x, y, length) = (column + QUIET_MODULES, row + QUIET_MODULES, run.len());
                    // Writing into a String does not fail.
                    let _ = write!(data, "M{x} {y}h{length}v1h-{length}z");
                }
                column += run.len();
            }
        }
        Ok(Self {
            side: width + 2 * QUIET_MODULES,
            data,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    #[test]
    fn the_path_draws_exactly_the_dark_modules() {
        let text = "http://127.0.0.1:8080/s/ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let path = QrPath::of(text).unwrap();
        let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
        assert_eq!(path.side, code.width() + 8);
        let mut drawn = vec![Color::Light; code.width() * code.width()];
        for run in path.data.split('M').skip(1) {
            let numbers: Vec<usize> = run
                .split(['h', 'v', ' ', '-', 'z'])
                .filter_map(|part| part.parse().ok())
                .collect();
            let [x, y, length, 1, back] = numbers.as_slice() else {
                panic!("{run}")
            };
            assert_eq!(length, back);
            for column in x - 4..x - 4 + length {
                *drawn.get_mut((y - 4) * code.width() + column).unwrap() = Color::Dark;
            }
        }
        assert_eq!(drawn, code.to_colors());
        assert!(path.data.len() < 8_000, "{}", path.data.len());
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert_eq!(QrPath::of(&"a".repeat(3000)), Err(TooLong));
    }
}
