//! A hash tree over what is on record, so that one entry can be proved to be in it.
//!
//! Source: RFC 6962 §2.1 (leaf and node prefixes, split at the largest power of two below the number of leaves).

use sha2::{Digest, Sha256};

/// Root over the entries in the order given: SHA-256, hexadecimal. Of no entries: the hash of nothing.
pub fn root<T: AsRef<[u8]>>(entries: &[T]) -> String {
    data_encoding::HEXLOWER.encode(&tree(entries))
}

fn tree<T: AsRef<[u8]>>(entries: &[T]) -> [u8; 32] {
    match entries {
        [] => Sha256::digest([]).into(),
        [entry] => {
            let mut hash = Sha256::new();
            hash.update([0]);
            hash.update(entry);
            hash.finalize().into()
        }
        entries => {
            let (left, right) = entries.split_at(entries.len().next_power_of_two() / 2);
            let mut hash = Sha256::new();
            hash.update([1]);
            hash.update(tree(left));
            hash.update(tree(right));
            hash.finalize().into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Certificate-transparency's published test vectors for its reference implementation's eight leaves.
    #[test]
    fn roots_are_those_of_the_reference_implementation() {
        let leaves: [&[u8]; 8] = [
            b"",
            b"\x00",
            b"\x10",
            b"\x20\x21",
            b"\x30\x31",
            b"\x40\x41\x42\x43",
            b"\x50\x51\x52\x53\x54\x55\x56\x57",
            b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        ];
        let expected = [
            (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
            (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
            (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
            (5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
            (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
        ];
        for (n, hash) in expected {
            assert_eq!(root(&leaves[..n]), hash, "{n} leaves");
        }
    }
}
