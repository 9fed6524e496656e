//! Bytes over TCP, for requests that no browser sends.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// One connection.
pub struct Wire(TcpStream);

/// What came back over the wire.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    /// Status line and headers, names in lower case.
    pub head: String,
    pub body: String,
}

impl Wire {
    /// Connects to a server.
    pub fn to(base: &str) -> Self {
        Self(TcpStream::connect(base.strip_prefix("http://").unwrap()).unwrap())
    }

    /// Sends bytes; `false` when the server has hung up.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.0.write_all(bytes.as_ref()).is_ok()
    }

    /// The reply, as soon as it is complete, or `None` when the server hangs up without one. The server must do one of
    /// the two in time.
    pub fn reply(&mut self, limit: Duration) -> Option<Reply> {
        let until = Instant::now() + limit;
        let mut bytes = Vec::new();
        let mut buffer = [0; 16 * 1024];
        loop {
            if let Some(reply) = parse(&bytes) {
                return Some(reply);
            }
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "no reply and no hang-up within {limit:?}");
            self.0.set_read_timeout(Some(left)).unwrap();
            match self.0.read(&mut buffer) {
                Ok(0) => return None,
                Ok(n) => bytes.extend_from_slice(&buffer[..n]),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(error) if matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe) => {
                    return None;
                }
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Sends a whole request and reads the reply.
    pub fn ask(base: &str, request: impl AsRef<[u8]>) -> Reply {
        let mut wire = Self::to(base);
        wire.send(request);
        wire.reply(Duration::from_secs(20)).expect("the server replies")
    }
}

impl Reply {
    /// A header; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        lines
            .find(|(found, _)| *found == name)
            .map_or("", |(_, value)| value.trim())
    }
}

fn parse(bytes: &[u8]) -> Option<Reply> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let (head, body) = (String::from_utf8_lossy(&bytes[..end]), &bytes[end + 4..]);
    let (first, rest) = head.split_once("\r\n").unwrap_or((&head, ""));
    let names = rest.lines().map(|line| match line.split_once(':') {
        Some((name, value)) => format!("{}:{value}", name.to_lowercase()),
        None => line.to_owned(),
    });
    let head = std::iter::once(first.to_owned())
        .chain(names)
        .collect::<Vec<_>>()
        .join("\n");
    let status = first.split(' ').nth(1)?.parse().ok()?;
    let reply = Reply {
        status,
        head,
        body: String::from_utf8_lossy(body).into_owned(),
    };
    let length: usize = reply.header("content-length").parse().unwrap_or(0);
    (body.len() >= length).then_some(reply)
}
