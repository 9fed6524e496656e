//! The way out that stands in every invitation: a signed token that names the drawn person and the index of her address,
//! so that it works after the list has been erased, too.

use subtle::ConstantTimeEq;

use super::link::keyed;

const ID_BYTES: usize = 16;
const INDEX_BYTES: usize = 32;
const MAC_BYTES: usize = 16;

/// Who no longer wants mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsubscribe {
    /// The drawn person, 16 bytes.
    pub recipient: [u8; ID_BYTES],
    /// Index of the address, as the suppression list knows it.
    pub address_index: [u8; INDEX_BYTES],
}

impl Unsubscribe {
    fn mac(&self, key: &[u8]) -> [u8; MAC_BYTES] {
        let mac = keyed(
            key,
            &[b"perception-unsubscribe-v1", &self.recipient, &self.address_index],
        );
        mac.first_chunk().copied().unwrap_or_default()
    }

    /// The token: 86 characters that need no escaping in a URL.
    pub fn seal(&self, key: &[u8]) -> String {
        let bytes = [&self.recipient[..], &self.address_index[..], &self.mac(key)[..]].concat();
        data_encoding::BASE64URL_NOPAD.encode(&bytes)
    }

    /// Reads a token that [`Self::seal`] made under this key; `None` for anything else.
    pub fn open(token: &str, key: &[u8]) -> Option<Self> {
        let bytes = data_encoding::BASE64URL_NOPAD.decode(token.as_bytes()).ok()?;
        let (recipient, rest) = bytes.split_first_chunk::<ID_BYTES>()?;
        let (address_index, mac) = rest.split_first_chunk::<INDEX_BYTES>()?;
        let read = Self {
            recipient: *recipient,
            address_index: *address_index,
        };
        bool::from(read.mac(key).ct_eq(mac)).then_some(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_sealed_opens() {
        let who = Unsubscribe {
            recipient: [3; 16],
            address_index: [4; 32],
        };
        let token = who.seal(b"key");
        assert_eq!((token.len(), Unsubscribe::open(&token, b"key")), (86, Some(who)));
        assert_eq!(Unsubscribe::open(&token, b"other"), None);
        for broken in ["", "AAAA", &token[..85], &token.replacen('A', "B", 1)] {
            assert!(
                broken == token || Unsubscribe::open(broken, b"key").is_none(),
                "{broken}"
            );
        }
    }
}
