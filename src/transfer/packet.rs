//! Packets, in which everything of the protocol stands: four hexadecimal digits of length, and that many bytes.

use bytes::{Bytes, BytesMut};

use super::error::FetchError;

/// A packet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Packet {
    Data(Bytes),
    /// The end of a message.
    Flush,
    /// The end of a section.
    Delimiter,
}

/// The longest packet, its length included.
const LONGEST: usize = 65_520;
const HEADER: usize = 4;

/// Packets out of pieces of any length.
#[derive(Default)]
pub(super) struct Packets(BytesMut);

impl Packets {
    pub(super) fn feed(&mut self, chunk: &[u8]) {
        self.0.extend_from_slice(chunk);
    }

    /// The next packet that is whole.
    pub(super) fn next(&mut self) -> Result<Option<Packet>, FetchError> {
        let Some(digits) = self.0.get(..HEADER) else { return Ok(None) };
        // No sign, which a number's parser would take.
        let is_hex = digits.iter().all(u8::is_ascii_hexdigit);
        let length = std::str::from_utf8(digits).ok().and_then(|digits| usize::from_str_radix(digits, 16).ok());
        let length = length.filter(|_| is_hex).ok_or(FetchError::Malformed("it is not made of packets"))?;
        let packet = match length {
            0 => Packet::Flush,
            1 => Packet::Delimiter,
            // The end of an answer is for connections that go on, and 3 has no meaning.
            2..HEADER => return Err(FetchError::Malformed("a packet of an unknown kind")),
            HEADER..=LONGEST if self.0.len() < length => return Ok(None),
            HEADER..=LONGEST => {
                let mut packet = self.0.split_to(length);
                return Ok(Some(Packet::Data(packet.split_off(HEADER).freeze())));
            }
            _ => return Err(FetchError::Malformed("a packet that is too long")),
        };
        let _ = self.0.split_to(HEADER);
        Ok(Some(packet))
    }

    /// Whether nothing is left that is no whole packet.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A packet of a line without its line break.
pub(super) fn line(data: &[u8]) -> &[u8] {
    data.strip_suffix(b"\n").unwrap_or(data)
}

/// A command with arguments, none of which has a line break in it.
pub(super) fn command(name: &str, arguments: &[&str]) -> Bytes {
    let mut out = Vec::new();
    let packet = |out: &mut Vec<u8>, text: &str| {
        out.extend(format!("{:04x}{text}\n", text.len() + HEADER + 1).bytes());
    };
    packet(&mut out, &format!("command={name}"));
    out.extend(b"0001");
    for argument in arguments {
        packet(&mut out, argument);
    }
    out.extend(b"0000");
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packets(chunks: &[&[u8]]) -> Result<Vec<Packet>, FetchError> {
        let (mut packets, mut out) = (Packets::default(), Vec::new());
        for chunk in chunks {
            packets.feed(chunk);
            while let Some(packet) = packets.next()? {
                out.push(packet);
            }
        }
        Ok(out)
    }

    #[test]
    fn packets_are_read_out_of_any_pieces() {
        let bytes = command("fetch", &["deepen 1", "done"]);
        assert_eq!(bytes, &b"0012command=fetch\n0001000ddeepen 1\n0009done\n0000"[..]);
        let data = |text: &'static str| Packet::Data(text.into());
        let expected = vec![data("command=fetch\n"), Packet::Delimiter, data("deepen 1\n"), data("done\n"), Packet::Flush];
        for length in 1..=bytes.len() {
            let chunks: Vec<&[u8]> = bytes.chunks(length).collect();
            assert_eq!(packets(&chunks).as_ref(), Ok(&expected), "{length}");
        }
        assert_eq!(packets(&[b"0004"]), Ok(vec![data("")]));
        let longest = [&b"fff0"[..], &[b'x'; LONGEST - HEADER]].concat();
        assert_eq!(packets(&[&longest]).map(|packets| packets.len()), Ok(1));
    }

    #[test]
    fn what_is_no_packet_is_refused() {
        for bad in ["0002", "0003", "fff1", "ffff", "+004", "-001", " 004", "00 4", "zzzz", "<htm", "\u{20ac}a"] {
            assert!(packets(&[bad.as_bytes()]).is_err(), "{bad}");
        }
    }
}
