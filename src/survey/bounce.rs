//! Delivery reports of mail servers (RFC 3464), read from a whole message or from what somebody pasted. Only what names
//! one of our messages, or an address, with a permanent failure counts.

/// Longest report that is read, bytes.
pub const REPORT_BYTES_MAX: usize = 1024 * 1024;
/// Recipients of one report.
const GROUPS_MAX: usize = 20;

/// What a report says about one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// `Message-ID` of the message it is about, without brackets.
    pub message_id: Option<String>,
    /// The address that was not reached.
    pub recipient: Option<String>,
    /// Status, e.g. `5.1.1`.
    pub status: String,
    /// For good: the action is `failed` and the status begins with 5.
    pub permanent: bool,
}

/// Reads a report; empty when it is none.
pub fn read(text: &str) -> Vec<Report> {
    let message_id = message_id(text);
    let mut reports = Vec::new();
    for group in groups(text) {
        let field = |name: &str| {
            let line = group.iter().find(|(known, _)| known == name);
            line.map(|(_, value)| value.as_str())
        };
        // The fields about the whole message have neither of the two.
        let Some((action, status)) = field("action").zip(field("status")) else {
            continue;
        };
        let status = status.split_whitespace().next().unwrap_or_default();
        if !is_status(status) {
            continue;
        }
        let recipient = field("final-recipient").or_else(|| field("original-recipient"));
        reports.push(Report {
            message_id: message_id.clone(),
            recipient: recipient.and_then(address),
            status: status.to_owned(),
            permanent: action.trim().eq_ignore_ascii_case("failed") && status.starts_with('5'),
        });
        if reports.len() >= GROUPS_MAX {
            break;
        }
    }
    reports
}

/// Whether a text is an enhanced status code (RFC 3463), e.g. `5.1.1`.
pub fn is_status(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let number = |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.len() == 3 && parts.iter().all(number) && text.starts_with(['2', '4', '5'])
}

/// Runs of header fields, names in lower case, folded lines joined.
fn groups(text: &str) -> Vec<Vec<(String, String)>> {
    let mut all: Vec<Vec<(String, String)>> = vec![Vec::new()];
    for line in text.lines() {
        let Some(group) = all.last_mut() else { break };
        if line.trim().is_empty() {
            if !group.is_empty() {
                all.push(Vec::new());
            }
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = group.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        {
            group.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    all
}

/// `rfc822; someone@example.cn` → the address.
fn address(value: &str) -> Option<String> {
    let address = value.rsplit_once(';').map_or(value, |(_, address)| address);
    let address = address.trim().trim_matches(['<', '>']);
    let plain = |c: char| !c.is_control() && !c.is_whitespace();
    (address.contains('@') && address.len() <= 254 && address.chars().all(plain)).then(|| address.to_owned())
}

/// The id of the message that was returned: its own header fields stand last, after those of the report.
fn message_id(text: &str) -> Option<String> {
    let fields = groups(text).into_iter().flatten();
    let mut ids = fields.filter(|(name, _)| matches!(name.as_str(), "message-id" | "original-message-id"));
    let (_, id) = ids.next_back()?;
    let id = id.split_once('<')?.1.split_once('>')?.0;
    (id.len() <= 200 && id.is_ascii()).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DSN: &str = "From: mailer-daemon@mx.example.cn\r\nMessage-ID: <report@mx.example.cn>\r\nContent-Type: multipart/report;\r\n report-type=delivery-status; boundary=\"b\"\r\n\r\n--b\r\n\r\nSorry.\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.cn\r\n\r\nFinal-Recipient: rfc822; <li@example.cn>\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1\r\n no such user\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nTo: li@example.cn\r\nMessage-ID:\r\n <0123@survey.example.cn>\r\nSubject: x\r\n\r\n--b--\r\n";

    #[test]
    fn a_report_names_message_recipient_and_status() {
        let report = Report {
            message_id: Some("0123@survey.example.cn".into()),
            recipient: Some("li@example.cn".into()),
            status: "5.1.1".into(),
            permanent: true,
        };
        assert_eq!(read(DSN), std::slice::from_ref(&report));
        assert_eq!(read(&DSN.replace("\r\n", "\n")), [report]);
    }

    #[test]
    fn what_is_only_late_or_no_report_is_no_bounce() {
        let late = DSN.replace("failed", "delayed").replace("5.1.1", "4.4.1");
        assert!(!read(&late)[0].permanent);
        assert!(!read(&DSN.replace("Status: 5.1.1", "Status: 4.2.2"))[0].permanent);
        assert!(read("Subject: on holiday\n\nStatus: fine\nAction: failed\n").is_empty());
        assert!(read(&DSN.replace("Status: 5.1.1", "Status: 5.1.x")).is_empty());
    }

    proptest! {
        #[test]
        fn no_text_brings_the_reader_down(text in ".{0,400}", cut in 0..900usize) {
            read(&text);
            let cut: String = DSN.chars().take(cut).collect();
            for report in read(&cut) {
                prop_assert!(report.message_id.is_none_or(|id| id.is_ascii()));
            }
        }
    }
}
