//! The answer to a fetch command: sections, of which the last is the pack.

use bytes::{Buf as _, Bytes};

use super::error::FetchError;
use super::is_id;
use super::packet::{Packet, Packets, line};

/// An answer that is being read.
#[derive(Default)]
pub(super) struct Answer {
    packets: Packets,
    at: At,
    shallow: Vec<String>,
}

/// Where in an answer one is.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
enum At {
    /// Before the name of a section.
    #[default]
    Name,
    /// In the list of commits whose parents are left out.
    Shallow,
    /// In the pack.
    Pack,
    End,
}

/// How much of an answer has been read.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Progress {
    Head,
    Pack,
    End,
}

/// How many commits may be named whose parents are left out; for one commit it is one.
const MOST_SHALLOW: usize = 16;

impl Answer {
    /// Reads on; what belongs to the pack is put to `pieces`.
    pub(super) fn feed(&mut self, chunk: &[u8], pieces: &mut Vec<Bytes>) -> Result<(), FetchError> {
        self.packets.feed(chunk);
        while let Some(packet) = self.packets.next()? {
            self.at = self.packet(packet, pieces)?;
        }
        Ok(())
    }

    fn packet(&mut self, packet: Packet, pieces: &mut Vec<Bytes>) -> Result<At, FetchError> {
        let bad = |why| Err(FetchError::Malformed(why));
        match (self.at, packet) {
            (At::Name | At::Shallow, Packet::Data(data)) if data.starts_with(b"ERR ") => Err(FetchError::said(&data[4..])),
            (At::Name, Packet::Data(name)) => match line(&name) {
                b"shallow-info" if self.shallow.is_empty() => Ok(At::Shallow),
                b"packfile" => Ok(At::Pack),
                _ => bad("a section that was not asked for"),
            },
            (At::Shallow, Packet::Data(data)) => {
                let id = line(&data).strip_prefix(b"shallow ").and_then(|id| std::str::from_utf8(id).ok()).filter(|id| is_id(id));
                match id {
                    Some(id) if self.shallow.len() < MOST_SHALLOW => self.shallow.push(id.to_owned()),
                    _ => return bad("a list of shallow commits that is none"),
                }
                Ok(At::Shallow)
            }
            (At::Shallow, Packet::Delimiter) => Ok(At::Name),
            (At::Pack, Packet::Data(mut data)) => match data.first() {
                Some(1) => {
                    data.advance(1);
                    pieces.push(data);
                    Ok(At::Pack)
                }
                // How far the host is.
                Some(2) => Ok(At::Pack),
                Some(3) => Err(FetchError::said(&data[1..])),
                _ => bad("a packet that belongs to nothing"),
            },
            (At::Pack, Packet::Flush) => Ok(At::End),
            (At::End, _) => bad("it goes on behind its end"),
            (_, Packet::Flush | Packet::Delimiter) => bad("it ends before the pack"),
        }
    }

    pub(super) const fn progress(&self) -> Progress {
        match self.at {
            At::Name | At::Shallow => Progress::Head,
            At::Pack => Progress::Pack,
            At::End => Progress::End,
        }
    }

    /// The commits whose parents are left out, once nothing more comes.
    pub(super) fn finish(self) -> Result<Vec<String>, FetchError> {
        match self.at {
            At::End if self.packets.is_empty() => Ok(self.shallow),
            At::End => Err(FetchError::Malformed("it goes on behind its end")),
            _ => Err(FetchError::Cut),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef01234567";

    fn packet(data: impl AsRef<[u8]>) -> Vec<u8> {
        let data = data.as_ref();
        [format!("{:04x}", data.len() + 4).as_bytes(), data].concat()
    }

    /// A good answer with a pack of these bytes.
    fn good(pack: &[u8]) -> Vec<u8> {
        let shallow = [packet("shallow-info\n"), packet(format!("shallow {ID}\n")), b"0001".to_vec(), packet("packfile\n")].concat();
        let (a, b) = pack.split_at(pack.len() / 2);
        let bands = [packet([b"\x01", a].concat()), packet("\x02half\r"), packet([b"\x01", b].concat())].concat();
        [shallow, bands, b"0000".to_vec()].concat()
    }

    fn read(bytes: &[u8], length: usize) -> Result<(Vec<String>, Vec<u8>), FetchError> {
        let (mut answer, mut pieces) = (Answer::default(), Vec::new());
        for chunk in bytes.chunks(length) {
            answer.feed(chunk, &mut pieces)?;
        }
        Ok((answer.finish()?, pieces.concat()))
    }

    #[test]
    fn an_answer_gives_its_pack_whatever_pieces_it_comes_in() {
        let bytes = good(b"PACK and so on");
        for length in 1..=bytes.len() {
            assert_eq!(read(&bytes, length), Ok((vec![ID.to_owned()], b"PACK and so on".to_vec())), "{length}");
        }
        // A commit without parents.
        let root = [packet("packfile\n"), packet("\x01P"), b"0000".to_vec()].concat();
        assert_eq!(read(&root, 1), Ok((vec![], b"P".to_vec())));
    }

    #[test]
    fn an_answer_that_is_cut_is_told_from_one_that_lies() {
        let bytes = good(b"PACK");
        for cut in 0..bytes.len() {
            assert_eq!(read(&bytes[..cut], 7), Err(FetchError::Cut), "{cut}");
        }
        let pack = |data: &str| [packet("packfile\n"), packet(data), b"0000".to_vec()].concat();
        let shallow = |lines: &str| [packet("shallow-info"), packet(lines)].concat();
        for bad in [
            [&bytes[..], b"0000"].concat(),
            [&bytes[..], b"0"].concat(),
            b"0000".to_vec(),
            b"0001".to_vec(),
            packet("acknowledgments\n"),
            packet("packfile-uris\n"),
            packet(format!("{ID} HEAD\0multi_ack")),
            packet(""),
            pack(""),
            pack("\x04"),
            [packet("packfile"), b"0001".to_vec()].concat(),
            shallow("shallow 12"),
            shallow(&format!("unshallow {ID}")),
            shallow("shallow ../../../../../../../../../../../../../x"),
            [packet("shallow-info"), packet(format!("shallow {ID}")).repeat(17)].concat(),
            [packet("shallow-info"), b"0000".to_vec()].concat(),
            b"<html></html>".to_vec(),
        ] {
            assert!(matches!(read(&bad, 5), Err(FetchError::Malformed(_))), "{}", String::from_utf8_lossy(&bad));
        }
    }

    #[test]
    fn what_the_host_says_is_passed_on_harmlessly() {
        let said = |bytes: Vec<u8>| read(&bytes, 9);
        assert_eq!(said(packet("ERR upload-pack: not our ref 0123\n")), Err(FetchError::UnknownCommit));
        assert_eq!(said(packet("ERR no\x1b[31m way\n")), Err(FetchError::Said("no [31m way".to_owned())));
        let band = [packet("packfile"), packet("\x03out of memory\n")].concat();
        assert_eq!(said(band), Err(FetchError::Said("out of memory".to_owned())));
        let Err(FetchError::Said(text)) = said(packet([b"ERR ", &[b'x'; 9_000][..]].concat())) else { panic!("an error") };
        assert_eq!(text.len(), 300);
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let mut random = fastrand::Rng::with_seed(7);
        let bytes = good(b"PACK and some more bytes");
        for _ in 0..20_000 {
            let mut bytes = bytes.clone();
            for _ in 0..random.usize(1..4) {
                let at = random.usize(..bytes.len());
                match random.u8(..3) {
                    0 => bytes[at] = random.u8(..),
                    1 => bytes[at] = *random.choice(b"0123456789abcdef \n").unwrap_or(&0),
                    _ => bytes.truncate(at.max(1)),
                }
            }
            let whole = read(&bytes, bytes.len());
            // However it is cut into pieces, it is the same.
            assert_eq!(read(&bytes, random.usize(1..9)), whole);
        }
    }
}
