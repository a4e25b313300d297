//! Git's framing: lines that begin with their length in hexadecimal digits.

/// A line, or one of the marks between lines.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Packet<'a> {
    Line(&'a [u8]),
    Flush,
    Delimiter,
    ResponseEnd,
}

pub(crate) const FLUSH: &[u8] = b"0000";
pub(crate) const DELIMITER: &[u8] = b"0001";
/// What fits into a line behind its length and the band.
const BAND: usize = 65_515;

/// Adds a line; a text line ends with a line break.
pub(crate) fn line(out: &mut Vec<u8>, text: impl AsRef<[u8]>) {
    let text = text.as_ref();
    out.extend_from_slice(format!("{:04x}", text.len() + 4).as_bytes());
    out.extend_from_slice(text);
}

/// Adds bytes on one band of a line that carries several.
pub(crate) fn band(out: &mut Vec<u8>, band: u8, bytes: &[u8]) {
    for part in bytes.chunks(BAND) {
        out.extend_from_slice(format!("{:04x}", part.len() + 5).as_bytes());
        out.push(band);
        out.extend_from_slice(part);
    }
}

/// The lines of a request; `None` where it is not framed.
pub(crate) fn packets(mut bytes: &[u8]) -> Option<Vec<Packet<'_>>> {
    let mut packets = Vec::new();
    while let Some((length, rest)) = bytes.split_at_checked(4) {
        let length = usize::from_str_radix(std::str::from_utf8(length).ok()?, 16).ok()?;
        bytes = rest;
        packets.push(match length {
            0 => Packet::Flush,
            1 => Packet::Delimiter,
            2 => Packet::ResponseEnd,
            3 => return None,
            _ => {
                let (line, rest) = bytes.split_at_checked(length - 4)?;
                bytes = rest;
                Packet::Line(line.strip_suffix(b"\n").unwrap_or(line))
            }
        });
    }
    bytes.is_empty().then_some(packets)
}
