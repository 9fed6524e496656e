//! QR codes, personal links and printed codes of an evaluation.
