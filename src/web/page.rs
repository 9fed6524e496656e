//! Pages as bytes. What is shown again and again is compressed once: a whole page, or a page with holes, whose pieces
//! are compressed apart and joined around the values, because deflate streams may be concatenated.

use std::fs::File;
use std::io::{self, Read, Seek, Write};

use actix_web::body::SizedStream;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use futures_util::{Stream, stream};

use super::error::{self, Problem};
use crate::survey::language::Language;

/// Smaller bodies are not worth compressing.
const COMPRESS_FROM_BYTES: usize = 1024;
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// An empty last block.
const DEFLATE_END: [u8; 5] = [1, 0, 0, 0xff, 0xff];
/// The longest block that is stored as it is.
const STORED_MAX: usize = 0xffff;

/// A fixed piece of a page, plain and as a byte-aligned run of deflate blocks.
struct Piece {
    plain: Bytes,
    deflated: Bytes,
    sum: crc32fast::Hasher,
}

impl Piece {
    fn new(text: &str, level: Compression) -> Self {
        let mut sum = crc32fast::Hasher::new();
        sum.update(text.as_bytes());
        // A flush ends on a byte boundary without ending the stream. Writing into memory does not fail.
        let mut encoder = DeflateEncoder::new(Vec::new(), level);
        let deflated = match encoder.write_all(text.as_bytes()).and_then(|()| encoder.flush()) {
            Ok(()) => Bytes::copy_from_slice(encoder.get_ref()),
            Err(_) => Bytes::new(),
        };
        Self {
            plain: Bytes::copy_from_slice(text.as_bytes()),
            deflated,
            sum,
        }
    }
}

/// A page with holes.
pub struct Fragments {
    pieces: Vec<Piece>,
    /// Which value goes after each piece but the last.
    holes: Vec<usize>,
}

impl Fragments {
    /// Splits a rendered page at its markers. `markers[i]` is where value `i` goes, as often as it occurs.
    pub fn new(html: &str, markers: &[&str]) -> Self {
        let (mut pieces, mut holes, mut rest) = (Vec::new(), Vec::new(), html);
        loop {
            let next = markers
                .iter()
                .enumerate()
                .filter_map(|(i, marker)| rest.find(marker).map(|at| (at, i, marker.len())))
                .min();
            let Some((at, index, length)) = next else { break };
            let (before, after) = rest.split_at(at);
            pieces.push(Piece::new(before, Compression::best()));
            holes.push(index);
            rest = after.get(length..).unwrap_or_default();
        }
        pieces.push(Piece::new(rest, Compression::best()));
        Self { pieces, holes }
    }

    /// A page that is sent once: compressed fast rather than well.
    fn once(html: &str) -> Self {
        Self {
            pieces: vec![Piece::new(html, Compression::fast())],
            holes: Vec::new(),
        }
    }

    /// The page with its holes filled. Values must need no escaping: ids and codes of our own making.
    pub fn fill(&self, values: &[&str], gzip: bool) -> Bytes {
        let value = |place: usize| self.holes.get(place).and_then(|index| values.get(*index)).copied();
        if !gzip {
            let mut plain = Vec::with_capacity(self.pieces.iter().map(|piece| piece.plain.len()).sum::<usize>() + 512);
            for (place, piece) in self.pieces.iter().enumerate() {
                plain.extend_from_slice(&piece.plain);
                plain.extend_from_slice(value(place).unwrap_or_default().as_bytes());
            }
            return plain.into();
        }
        let mut out = Vec::with_capacity(self.pieces.iter().map(|piece| piece.deflated.len()).sum::<usize>() + 512);
        out.extend_from_slice(&GZIP_HEADER);
        let (mut sum, mut length) = (crc32fast::Hasher::new(), 0usize);
        for (place, piece) in self.pieces.iter().enumerate() {
            out.extend_from_slice(&piece.deflated);
            sum.combine(&piece.sum);
            length += piece.plain.len();
            for chunk in value(place).unwrap_or_default().as_bytes().chunks(STORED_MAX) {
                let size = u16::try_from(chunk.len()).unwrap_or(u16::MAX);
                out.push(0);
                out.extend_from_slice(&size.to_le_bytes());
                out.extend_from_slice(&(!size).to_le_bytes());
                out.extend_from_slice(chunk);
                sum.update(chunk);
                length += chunk.len();
            }
        }
        out.extend_from_slice(&DEFLATE_END);
        out.extend_from_slice(&sum.finalize().to_le_bytes());
        // The format keeps the length modulo 2^32.
        out.extend_from_slice(&u32::try_from(length & 0xffff_ffff).unwrap_or(u32::MAX).to_le_bytes());
        out.into()
    }
}

/// Whether the client takes gzip.
pub fn takes_gzip(headers: &HeaderMap) -> bool {
    let list = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    list.split(',').any(|entry| {
        let mut parts = entry.split(';').map(str::trim);
        let gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        gzip && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

/// How long others may keep a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Not at all: it belongs to one visitor.
    Never,
    /// Asked for anew each time.
    Revalidate,
    /// For a year: its name changes with its content.
    Forever,
}

impl Keep {
    fn value(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Keep::Never => "no-store",
            Keep::Revalidate => "no-cache",
            Keep::Forever => "public, max-age=31536000, immutable",
        })
    }
}

/// A response from bytes that are already in the right encoding.
pub fn respond(status: StatusCode, kind: &'static str, keep: Keep, body: Bytes, gzip: bool) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    response.insert_header((header::CONTENT_TYPE, HeaderValue::from_static(kind)));
    response.insert_header((header::CACHE_CONTROL, keep.value()));
    response.insert_header((header::VARY, HeaderValue::from_static("Accept-Encoding")));
    if gzip {
        response.insert_header((header::CONTENT_ENCODING, HeaderValue::from_static("gzip")));
    }
    response.body(body)
}

/// The response as a file of this name: `attachment` to be kept, `inline` to be shown where a browser can.
pub fn named(mut response: HttpResponse, how: &str, name: &str) -> HttpResponse {
    if let Ok(value) = HeaderValue::from_str(&format!("{how}; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// A file that is whole before its first byte leaves: one that fails is an error page and never half a file.
pub fn download(kind: &'static str, name: &str, bytes: Vec<u8>) -> HttpResponse {
    let response = respond(StatusCode::OK, kind, Keep::Never, bytes.into(), false);
    named(response, "attachment", name)
}

/// Bytes of a file that are sent together.
const CHUNK_BYTES: usize = 64 * 1024;

/// A large file that is whole, sent piece by piece. Its length goes before it: whoever gets less knows that it was cut.
///
/// # Errors
/// [`Problem::Export`] for a file that cannot be read.
pub fn sent(kind: &'static str, name: &str, mut file: File) -> Result<HttpResponse, Problem> {
    let failed = |e: io::Error| Problem::Export(e.to_string());
    let bytes = file.metadata().map_err(failed)?.len();
    file.rewind().map_err(failed)?;
    let pieces = stream::try_unfold(file, |file| async {
        let read = web::block(move || {
            let mut piece = Vec::with_capacity(CHUNK_BYTES);
            (&file).take(CHUNK_BYTES as u64).read_to_end(&mut piece)?;
            Ok::<_, io::Error>((Bytes::from(piece), file))
        });
        let (piece, file) = read.await.map_err(io::Error::other)??;
        Ok::<_, io::Error>((!piece.is_empty()).then_some((piece, file)))
    });
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CONTENT_TYPE, HeaderValue::from_static(kind)));
    response.insert_header((header::CACHE_CONTROL, Keep::Never.value()));
    Ok(named(
        response.body(SizedStream::new(bytes, pieces)),
        "attachment",
        name,
    ))
}

/// A text that is read while it is sent, so that nobody holds the whole of it.
pub fn streamed(kind: &'static str, pieces: impl Stream<Item = io::Result<Bytes>> + 'static) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CONTENT_TYPE, HeaderValue::from_static(kind)));
    response.insert_header((header::CACHE_CONTROL, Keep::Never.value()));
    response.streaming(pieces)
}

/// A page made for this request.
pub fn html(request: &HttpRequest, status: StatusCode, text: &str) -> HttpResponse {
    encoded(
        takes_gzip(request.headers()),
        status,
        "text/html; charset=utf-8",
        Keep::Never,
        text,
    )
}

/// Any text made for this request.
pub fn encoded(gzip: bool, status: StatusCode, kind: &'static str, keep: Keep, text: &str) -> HttpResponse {
    let gzip = gzip && text.len() >= COMPRESS_FROM_BYTES;
    let body = if gzip {
        Fragments::once(text).fill(&[], true)
    } else {
        Bytes::copy_from_slice(text.as_bytes())
    };
    respond(status, kind, keep, body, gzip)
}

/// Keeps the language that somebody at the office chose.
const LANGUAGE_COOKIE: &str = "lang";

/// The language of an office page: the one asked for, else the one chosen before, else Chinese.
pub fn office_language(request: &HttpRequest) -> Language {
    error::asked_language(request)
        .or_else(|| chosen_language(request))
        .unwrap_or_default()
}

/// The language chosen on an office page before.
pub fn chosen_language(request: &HttpRequest) -> Option<Language> {
    request
        .cookie(LANGUAGE_COOKIE)
        .and_then(|cookie| Language::from_tag(cookie.value()))
}

/// An office page; a language that was asked for is kept from now on.
pub fn office(request: &HttpRequest, status: StatusCode, text: &str) -> HttpResponse {
    let mut response = html(request, status, text);
    if let Some(language) = error::asked_language(request) {
        let cookie = Cookie::build(LANGUAGE_COOKIE, language.tag())
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .max_age(actix_web::cookie::time::Duration::days(365))
            .finish();
        // A cookie of our own making always fits; without it only the choice is forgotten.
        drop(response.add_cookie(&cookie));
    }
    response
}

/// Elsewhere, by GET, after something was done.
pub fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, location))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Read};
    use std::net::{TcpListener, TcpStream};

    use actix_web::{App, HttpServer};
    use proptest::prelude::*;

    use super::*;

    /// Asks a server of its own for a file of a million bytes, of which so many are still there when it is sent. Whether
    /// everything announced came, and how much did.
    fn fetched(left: u64) -> (bool, usize) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let serve = move || {
            actix_web::rt::System::new().block_on(async move {
                let handler = move || async move {
                    let mut file = tempfile::tempfile().unwrap();
                    file.write_all(&[7; 1_000_000]).unwrap();
                    let other = file.try_clone().unwrap();
                    let response = sent("application/zip", "a.zip", file);
                    other.set_len(left).unwrap();
                    response
                };
                let app = move || App::new().route("/", web::get().to(handler));
                let server = HttpServer::new(app).workers(1).disable_signals();
                let server = server.listen(listener).unwrap().run();
                let handle = server.handle();
                let running = actix_web::rt::spawn(server);
                let got = web::block(move || receive(address)).await.unwrap();
                handle.stop(false).await;
                running.await.unwrap().unwrap();
                got
            })
        };
        std::thread::spawn(serve).join().unwrap()
    }

    fn receive(address: std::net::SocketAddr) -> (bool, usize) {
        let mut stream = TcpStream::connect(address).unwrap();
        stream
            .write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
            .unwrap();
        let mut all = Vec::new();
        // An aborted connection may be reset.
        drop(BufReader::new(stream).read_to_end(&mut all));
        let head = all.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let text = String::from_utf8_lossy(&all[..head]).to_lowercase();
        assert!(text.starts_with("http/1.1 200") && !text.contains("chunked"), "{text}");
        let announced = text.split("content-length: ").nth(1).unwrap();
        let announced: usize = announced.split("\r\n").next().unwrap().parse().unwrap();
        let got = all.len() - head - 4;
        (got == announced, got)
    }

    #[test]
    fn a_file_that_cannot_be_sent_to_its_end_does_not_look_complete() {
        assert_eq!(fetched(1_000_000), (true, 1_000_000));
        let (whole, got) = fetched(300_000);
        assert!(!whole && got <= 300_000, "{got}");
    }

    proptest! {
        #[test]
        fn joined_pieces_are_one_gzip_file(
            pieces in proptest::collection::vec("\\PC{0,400}", 1..5),
            a in "[a-z0-9]{0,120}",
            b in "[a-z0-9]{0,9}",
        ) {
            let html = pieces.iter().map(|p| p.replace("@@", "")).collect::<Vec<_>>().join("@@A@@x@@B@@");
            let fragments = Fragments::new(&html, &["@@A@@", "@@B@@"]);
            let wanted = html.replace("@@A@@", &a).replace("@@B@@", &b);
            prop_assert_eq!(fragments.fill(&[&a, &b], false), wanted.clone());
            let mut unpacked = String::new();
            flate2::read::GzDecoder::new(&fragments.fill(&[&a, &b], true)[..]).read_to_string(&mut unpacked).unwrap();
            prop_assert_eq!(unpacked, wanted);
        }
    }

    #[test]
    fn gzip_is_sent_only_to_those_who_take_it() {
        let takes = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_str(value).unwrap());
            takes_gzip(&headers)
        };
        assert!(takes("gzip, deflate, br") && takes("br;q=1.0, GZIP;q=0.5"));
        assert!(!takes("") && !takes("br") && !takes("gzip;q=0") && !takes("x-gzip"));
    }
}
