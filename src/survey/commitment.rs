//! The salted commitment of a response to its content. Answers and comment are committed to apart, so that either
//! can be erased (its inner hash stays) without breaking the proof of the other.

use sha2::{Digest, Sha256};

/// SHA-256 over `salt ‖ content`, the inner hash that stays when the content is erased.
pub fn inner(salt: &[u8; 16], content: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"perception-content-v1");
    hash.update(salt);
    hash.update(content.as_bytes());
    hash.finalize().into()
}

/// The commitment that the response row and the chain carry, hexadecimal.
pub fn commitment(answers: &[u8; 32], comment: &[u8; 32]) -> String {
    let mut hash = Sha256::new();
    hash.update(b"perception-response-v1");
    hash.update(answers);
    hash.update(comment);
    data_encoding::HEXLOWER.encode(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commitment_binds_both_parts_and_hides_them() {
        let comment = inner(&[2; 16], "");
        let one = commitment(&inner(&[1; 16], "F01=5"), &comment);
        assert_ne!(one, commitment(&inner(&[1; 16], "F01=4"), &comment));
        assert_ne!(one, commitment(&inner(&[3; 16], "F01=5"), &comment));
        assert_ne!(one, commitment(&inner(&[1; 16], "F01=5"), &inner(&[2; 16], "x")));
    }
}
