//! Upload-pack over HTTP, protocol version 2, and version 0 for those who do not ask for it.

use std::collections::{BTreeSet, HashSet, VecDeque};

use git2::{ObjectType, Oid, PackBuilder, Repository as Objects, Tree};

use super::build::Built;
use super::pkt::{DELIMITER, FLUSH, Packet, band, line, packets};
use crate::world::Repository;

const CAPABILITIES: &str = "multi_ack_detailed no-done side-band-64k thin-pack no-progress include-tag shallow \
    deepen-since deepen-not deepen-relative allow-tip-sha1-in-want allow-reachable-sha1-in-want ofs-delta filter object-format=sha1 \
    agent=git/fake-github";

/// The answer to `GET info/refs`.
pub(crate) fn advertise(world: &Repository, built: &Built, version: u8) -> Vec<u8> {
    let mut out = Vec::new();
    line(&mut out, "# service=git-upload-pack\n");
    out.extend_from_slice(FLUSH);
    if version == 2 {
        for capability in [
            "version 2",
            "agent=git/fake-github",
            "ls-refs=unborn",
            "fetch=shallow wait-for-done filter",
            "server-option",
            "object-format=sha1",
        ] {
            line(&mut out, format!("{capability}\n"));
        }
        out.extend_from_slice(FLUSH);
        return out;
    }
    let head = built.resolve(world, "HEAD");
    let mut capabilities = Some(match head {
        Some(_) => format!("{CAPABILITIES} symref=HEAD:refs/heads/{}", world.default_branch),
        None => CAPABILITIES.to_owned(),
    });
    let mut advertise = |oid: Oid, name: &str| {
        let suffix = capabilities.take().map(|names| format!("\0{names}")).unwrap_or_default();
        line(&mut out, format!("{oid} {name}{suffix}\n"));
    };
    if let Some(head) = head {
        advertise(head, "HEAD");
    }
    for (name, &oid) in &built.refs {
        advertise(oid, name);
        if let Some(peeled) = built.peeled(oid).filter(|&peeled| peeled != oid) {
            advertise(peeled, &format!("{name}^{{}}"));
        }
    }
    if built.refs.is_empty() {
        advertise(Oid::ZERO_SHA1, "capabilities^{}");
    }
    out.extend_from_slice(FLUSH);
    out
}

/// The answer to `POST git-upload-pack`, or what is wrong with the request.
pub(crate) fn answer(world: &Repository, built: &Built, version: u8, body: &[u8]) -> Result<Vec<u8>, String> {
    let packets = packets(body).ok_or("the request is not made of packet lines")?;
    let mut lines = Vec::new();
    for packet in &packets {
        if let Packet::Line(text) = packet {
            lines.push(std::str::from_utf8(text).map_err(|_| "a line of the request is not text")?);
        }
    }
    if version != 2 {
        // The first want carries the capabilities behind it.
        return Fetch::read(&lines)?.answer(built, 0);
    }
    match lines.iter().find_map(|line| line.strip_prefix("command=")) {
        Some("ls-refs") => list(world, built, &lines),
        Some("fetch") => Fetch::read(&lines)?.answer(built, 2),
        other => Err(format!("no such command: {other:?}")),
    }
}

fn list(world: &Repository, built: &Built, lines: &[&str]) -> Result<Vec<u8>, String> {
    let (mut peel, mut symrefs, mut unborn) = (false, false, false);
    let mut prefixes = Vec::new();
    for line in lines {
        match *line {
            "peel" => peel = true,
            "symrefs" => symrefs = true,
            "unborn" => unborn = true,
            line if is_capability(line) => {}
            line => prefixes.push(line.strip_prefix("ref-prefix ").ok_or_else(|| format!("ls-refs does not know {line:?}"))?),
        }
    }
    let wanted = |name: &str| prefixes.is_empty() || prefixes.iter().any(|prefix| name.starts_with(prefix));
    let mut out = Vec::new();
    if wanted("HEAD") {
        let target = if symrefs { format!(" symref-target:refs/heads/{}", world.default_branch) } else { String::new() };
        match built.resolve(world, "HEAD") {
            Some(head) => line(&mut out, format!("{head} HEAD{target}\n")),
            None if unborn => line(&mut out, format!("unborn HEAD{target}\n")),
            None => {}
        }
    }
    for (name, &oid) in built.refs.iter().filter(|(name, _)| wanted(name)) {
        let peeled = built.peeled(oid).filter(|&peeled| peel && peeled != oid);
        let suffix = peeled.map(|peeled| format!(" peeled:{peeled}")).unwrap_or_default();
        line(&mut out, format!("{oid} {name}{suffix}\n"));
    }
    out.extend_from_slice(FLUSH);
    Ok(out)
}

fn is_capability(line: &str) -> bool {
    ["command=", "agent=", "object-format=", "server-option=", "session-id="].iter().any(|prefix| line.starts_with(prefix))
}

/// What a fetch asks for. What the client has is not made use of: every answer is complete.
#[derive(Default)]
struct Fetch {
    wants: Vec<String>,
    has_some: bool,
    depth: Option<usize>,
    /// Commits whose parents the client lacks.
    shallow: Vec<String>,
    done: bool,
    quiet: bool,
    without_blobs: bool,
}

/// A pack, its commits, and those of them whose parents were left out.
struct Packed {
    pack: Vec<u8>,
    sent: HashSet<Oid>,
    edge: BTreeSet<Oid>,
}

impl Fetch {
    fn read(lines: &[&str]) -> Result<Self, String> {
        let mut fetch = Self::default();
        for line in lines {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            match word {
                "want" => {
                    let (oid, capabilities) = rest.split_once(' ').unwrap_or((rest, ""));
                    fetch.wants.push(oid.to_owned());
                    fetch.quiet |= capabilities.split(' ').any(|word| word == "no-progress");
                }
                "have" => fetch.has_some = true,
                "deepen" => fetch.depth = Some(rest.parse().map_err(|_| format!("no depth: {rest:?}"))?),
                "done" => fetch.done = true,
                "no-progress" => fetch.quiet = true,
                "filter" if rest == "blob:none" => fetch.without_blobs = true,
                "shallow" => fetch.shallow.push(rest.to_owned()),
                "thin-pack" | "ofs-delta" | "include-tag" | "wait-for-done" | "sideband-all" => {}
                _ if is_capability(line) => {}
                _ => return Err(format!("fetch does not know {line:?}")),
            }
        }
        Ok(fetch)
    }

    fn answer(&self, built: &Built, version: u8) -> Result<Vec<u8>, String> {
        let mut out = Vec::new();
        let Ok(objects) = built.objects.lock() else { return Err("a panic holds the objects".to_owned()) };
        let mut wants = Vec::new();
        for want in &self.wants {
            match Oid::from_str(want).ok().filter(|&oid| objects.find_object(oid, None).is_ok()) {
                Some(oid) => wants.push(oid),
                None => {
                    line(&mut out, format!("ERR upload-pack: not our ref {want}"));
                    return Ok(out);
                }
            }
        }
        if version == 2 && !self.done && self.has_some {
            line(&mut out, "acknowledgments\n");
            line(&mut out, "NAK\n");
            out.extend_from_slice(FLUSH);
            return Ok(out);
        }
        let Packed { pack, sent, edge } = self.pack(&objects, built, &wants).map_err(|why| format!("no pack: {why}"))?;
        let header = |out: &mut Vec<u8>, name: &str| {
            if version == 2 {
                line(out, format!("{name}\n"));
            }
        };
        if self.depth.is_some() {
            header(&mut out, "shallow-info");
            for oid in &edge {
                // Without a line break, as upload-pack writes it and libgit2 demands it.
                line(&mut out, format!("shallow {oid}"));
            }
            let known = self.shallow.iter().filter_map(|oid| Oid::from_str(oid).ok());
            for oid in known.filter(|oid| sent.contains(oid) && !edge.contains(oid)) {
                line(&mut out, format!("unshallow {oid}"));
            }
            out.extend_from_slice(if version == 2 { DELIMITER } else { FLUSH });
        }
        if version != 2 {
            // A client that sends its depth and nothing more wants to hear what becomes shallow before it says that it is done.
            if self.done || self.has_some {
                line(&mut out, "NAK\n");
            }
            if !self.done {
                return Ok(out);
            }
        }
        header(&mut out, "packfile");
        if !self.quiet {
            band(&mut out, 2, b"Enumerating objects, done.\n");
        }
        band(&mut out, 1, &pack);
        out.extend_from_slice(FLUSH);
        Ok(out)
    }

    /// A pack of all that is wanted.
    fn pack(&self, objects: &Objects, built: &Built, wants: &[Oid]) -> Result<Packed, git2::Error> {
        let mut pack = objects.packbuilder()?;
        pack.set_threads(1);
        let mut edge = BTreeSet::new();
        let mut seen = HashSet::new();
        let mut queue = VecDeque::new();
        for &want in wants {
            let object = objects.find_object(want, None)?;
            match object.kind() {
                Some(ObjectType::Commit) => queue.push_back((want, 1)),
                Some(ObjectType::Tag) => {
                    pack.insert_object(want, None)?;
                    queue.push_back((object.peel(ObjectType::Commit)?.id(), 1));
                }
                _ => pack.insert_object(want, None)?,
            }
        }
        while let Some((oid, depth)) = queue.pop_front() {
            if !seen.insert(oid) {
                continue;
            }
            self.commit(objects, &mut pack, oid)?;
            let Some(parent) = built.commits.get(&oid).and_then(|made| made.parent) else { continue };
            if self.depth.is_some_and(|limit| depth >= limit) {
                edge.insert(oid);
            } else {
                queue.push_back((parent, depth + 1));
            }
        }
        edge.retain(|oid| built.commits.get(oid).and_then(|made| made.parent).is_none_or(|parent| !seen.contains(&parent)));
        let mut bytes = git2::Buf::new();
        pack.write_buf(&mut bytes)?;
        Ok(Packed { pack: bytes.to_vec(), sent: seen, edge })
    }

    fn commit(&self, objects: &Objects, pack: &mut PackBuilder<'_>, oid: Oid) -> Result<(), git2::Error> {
        if !self.without_blobs {
            return pack.insert_commit(oid);
        }
        pack.insert_object(oid, None)?;
        let mut trees: Vec<Tree<'_>> = vec![objects.find_commit(oid)?.tree()?];
        while let Some(tree) = trees.pop() {
            pack.insert_object(tree.id(), None)?;
            for entry in tree.iter().filter(|entry| entry.kind() == Some(ObjectType::Tree)) {
                trees.push(objects.find_tree(entry.id())?);
            }
        }
        Ok(())
    }
}
