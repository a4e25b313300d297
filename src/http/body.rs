//! Answers read whole, within a bound: what comes over the wire, and what it is unpacked to.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderMap, HeaderValue};

use super::failure::Failure;

/// How much room is made for an answer because it says that it is so long.
const BELIEVED: usize = 1 << 20;

/// How an answer is packed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Packing {
    Plain,
    Gzip,
    Other,
}

impl Packing {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        match headers.get(CONTENT_ENCODING).map(HeaderValue::as_bytes) {
            None => Self::Plain,
            Some(name) if name.eq_ignore_ascii_case(b"identity") || name.is_empty() => Self::Plain,
            Some(name) if name.eq_ignore_ascii_case(b"gzip") || name.eq_ignore_ascii_case(b"x-gzip") => Self::Gzip,
            Some(_) => Self::Other,
        }
    }
}

/// An answer that is being read.
pub(super) enum Reader {
    Plain(Bounded),
    /// An answer without a body may name a packing all the same: nothing may have come.
    Gzip {
        decoder: Box<MultiGzDecoder<Bounded>>,
        is_empty: bool,
    },
}

/// Bytes up to a bound.
pub(super) struct Bounded {
    bytes: Vec<u8>,
    most: usize,
}

/// Why an answer cannot be read on.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Unreadable {
    TooLarge,
    Packed(String),
}

impl Unreadable {
    pub(super) fn at(self, host: &str, most: usize) -> Failure {
        let host = host.to_owned();
        match self {
            Self::TooLarge => Failure::TooLarge { host, most },
            Self::Packed(why) => Failure::Encoding { host, why },
        }
    }
}

impl Reader {
    /// A reader for an answer with these headers, which no longer tell of the packing afterwards.
    pub(super) fn new(headers: &mut HeaderMap, most: usize) -> Result<Self, Unreadable> {
        let packing = Packing::of(headers);
        headers.remove(CONTENT_ENCODING);
        let length = headers.remove(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        let length = usize::try_from(length.unwrap_or_default()).unwrap_or(usize::MAX);
        match packing {
            Packing::Plain if length > most => Err(Unreadable::TooLarge),
            Packing::Plain => Ok(Self::Plain(Bounded { bytes: Vec::with_capacity(length.min(BELIEVED)), most })),
            Packing::Gzip => {
                let decoder = Box::new(MultiGzDecoder::new(Bounded { bytes: Vec::new(), most }));
                Ok(Self::Gzip { decoder, is_empty: true })
            }
            Packing::Other => Err(Unreadable::Packed("it is packed in a way that was not asked for".to_owned())),
        }
    }

    pub(super) fn feed(&mut self, chunk: &[u8]) -> Result<(), Unreadable> {
        match self {
            Self::Plain(bounded) => bounded.write_all(chunk),
            Self::Gzip { decoder, is_empty } => {
                *is_empty &= chunk.is_empty();
                decoder.write_all(chunk)
            }
        }
        .map_err(|error| unreadable(&error))
    }

    pub(super) fn finish(self) -> Result<Bytes, Unreadable> {
        match self {
            Self::Plain(bounded) => Ok(bounded.bytes.into()),
            Self::Gzip { is_empty: true, .. } => Ok(Bytes::new()),
            Self::Gzip { decoder, .. } => Ok(decoder.finish().map_err(|error| unreadable(&error))?.bytes.into()),
        }
    }
}

fn unreadable(error: &io::Error) -> Unreadable {
    match error.kind() {
        io::ErrorKind::FileTooLarge => Unreadable::TooLarge,
        _ => Unreadable::Packed(error.to_string()),
    }
}

impl Write for Bounded {
    fn write(&mut self, chunk: &[u8]) -> io::Result<usize> {
        if chunk.len() > self.most - self.bytes.len() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(chunk);
        Ok(chunk.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).expect("packs");
        encoder.finish().expect("packs")
    }

    fn read(encoding: &str, chunks: &[&[u8]], most: usize) -> Result<Bytes, Unreadable> {
        let mut headers = HeaderMap::from_iter([(CONTENT_ENCODING, encoding.parse().expect("a header"))]);
        let mut reader = Reader::new(&mut headers, most)?;
        assert!(headers.is_empty());
        for chunk in chunks {
            reader.feed(chunk)?;
        }
        reader.finish()
    }

    #[test]
    fn answers_are_unpacked_within_the_bound() {
        let packed = gzip(b"some text, some text");
        let (a, b) = packed.split_at(7);
        assert_eq!(read("GZip", &[a, b], 20), Ok(Bytes::from_static(b"some text, some text")));
        assert_eq!(read("gzip", &[&packed], 19), Err(Unreadable::TooLarge));
        assert_eq!(read("gzip", &[], 19), Ok(Bytes::new()));
        assert_eq!(read("identity", &[b"ab", b"c"], 3), Ok(Bytes::from_static(b"abc")));
        assert_eq!(read("identity", &[b"ab", b"c"], 2), Err(Unreadable::TooLarge));
    }

    #[test]
    fn a_bomb_is_stopped_and_what_is_broken_is_no_answer() {
        let bomb = gzip(&vec![0; 64 << 20]);
        assert!(bomb.len() < 100 << 10);
        assert_eq!(read("gzip", &[&bomb], 1 << 20), Err(Unreadable::TooLarge));
        let packed = gzip(b"some text");
        for broken in [&packed[..packed.len() - 1], &packed[..5], b"no gzip at all, but long enough"] {
            assert!(matches!(read("gzip", &[broken], 100), Err(Unreadable::Packed(_))), "{broken:?}");
        }
        assert!(matches!(read("br", &[b"x"], 100), Err(Unreadable::Packed(_))));
    }
}
