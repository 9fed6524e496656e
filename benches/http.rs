//! A keep-alive HTTP/1.1 client that does as little as possible, because it shares the cores with what it measures.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};

/// Header lines that a phone's browser sends; they cost the server time, so they belong to the measurement.
const BROWSER: &str = "host: 127.0.0.1\r\n\
    user-agent: Mozilla/5.0 (Linux; Android 13; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36\r\n\
    accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\naccept-language: zh-CN,zh;q=0.9,en;q=0.8\r\n\
    accept-encoding: gzip, deflate\r\nupgrade-insecure-requests: 1\r\nsec-fetch-site: same-origin\r\nsec-fetch-mode: navigate\r\n";

/// A request that reads.
pub fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\n{BROWSER}\r\n").into_bytes()
}

/// A request that sends a form.
pub fn post(path: &str, form: &str) -> Vec<u8> {
    let length = form.len();
    let kind = "application/x-www-form-urlencoded";
    format!("POST {path} HTTP/1.1\r\n{BROWSER}content-type: {kind}\r\ncontent-length: {length}\r\n\r\n{form}")
        .into_bytes()
}

/// One connection; opened when needed, kept, opened again when the server has closed it.
pub struct Client {
    address: SocketAddr,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

/// An answer, borrowed from the connection.
#[derive(Debug)]
pub struct Answer<'a> {
    /// Status code.
    pub status: u16,
    /// Status line and headers.
    pub head: &'a str,
    /// Body as sent, compressed or not.
    pub body: &'a [u8],
}

impl Answer<'_> {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        field(self.head, name)
    }

    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        self.header("location").expect("a redirect")
    }

    /// Bytes of status line, headers and body.
    pub fn wire_bytes(&self) -> usize {
        self.head.len() + 4 + self.body.len()
    }

    /// The body as text, unpacked.
    pub fn text(&self) -> String {
        let mut text = String::new();
        match self.header("content-encoding") {
            Some("gzip") => flate2::read::GzDecoder::new(self.body)
                .read_to_string(&mut text)
                .expect("gzip"),
            _ => {
                let mut plain = self.body;
                plain.read_to_string(&mut text).expect("text")
            }
        };
        text
    }
}

impl Client {
    /// A client of a server; connects at once.
    pub fn new(address: SocketAddr) -> Self {
        let mut client = Self {
            address,
            stream: None,
            buffer: vec![0; 64 * 1024],
        };
        client.stream = Some(client.connect().expect("the server accepts connections"));
        client
    }

    fn connect(&self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(self.address)?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// Sends a request and waits for the whole answer. A kept connection that the server had closed is opened anew; every
    /// request here may be sent twice, because a form is stored once.
    pub fn send(&mut self, request: &[u8]) -> Answer<'_> {
        let (head, end) = self
            .exchange(request)
            .or_else(|_| self.reconnect(request))
            .expect("an answer");
        let text = std::str::from_utf8(&self.buffer[..head]).expect("headers");
        let status = text
            .get(9..12)
            .and_then(|code| code.parse().ok())
            .expect("a status line");
        Answer {
            status,
            head: text,
            body: &self.buffer[head + 4..end],
        }
    }

    fn reconnect(&mut self, request: &[u8]) -> io::Result<(usize, usize)> {
        self.stream = Some(self.connect()?);
        self.exchange(request)
    }

    /// Length of the head, and of head and body together.
    fn exchange(&mut self, request: &[u8]) -> io::Result<(usize, usize)> {
        let stream = self.stream.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        stream.write_all(request)?;
        let (mut filled, mut whole) = (0, None);
        loop {
            if filled == self.buffer.len() {
                self.buffer.resize(filled * 2, 0);
            }
            let count = stream.read(&mut self.buffer[filled..])?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            filled += count;
            if whole.is_none() {
                whole = lengths(&self.buffer[..filled]);
            }
            match whole {
                Some((head, end)) if filled >= end => return Ok((head, end)),
                _ => {}
            }
        }
    }
}

fn lengths(bytes: &[u8]) -> Option<(usize, usize)> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&bytes[..head]).ok()?;
    let body: usize = field(text, "content-length").map_or(0, |value| value.parse().expect("a length"));
    Some((head, head + 4 + body))
}

fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut fields = head.split("\r\n").skip(1).filter_map(|line| line.split_once(':'));
    fields
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}
