//! From the advisories of one source to its file in the database.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::path::Path;

use jiff::Timestamp;
use rayon::prelude::*;

use super::builder::Builder;
use super::folder::{self, Listing};
use super::manifest::{Origin, Skipped, Source, free_name, new_file};
use super::record::{self, Form, Read};
use super::segment::Key;
use super::update::Observer;
use super::without_release;
use super::zip::{Archive, Broken};

/// How many advisories are unpacked before they are read, by all processors.
const AT_ONCE: usize = 1_024;
/// And how many bytes of them.
const BYTES_AT_ONCE: usize = 32 << 20;
/// How many of those that could not be read are kept by name, and how long that and the reason are at most.
const MOST_NAMED: usize = 50;
const LONGEST: usize = 300;

/// What is read.
pub(super) enum Input {
    Zip(File),
    Folder(Listing),
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotBuilt {
    /// The source is to blame.
    #[error("{0}")]
    Source(String),
    /// The database cannot be written.
    #[error("{0}")]
    Disk(#[from] io::Error),
}

impl From<Broken> for NotBuilt {
    fn from(broken: Broken) -> Self {
        Self::Source(broken.to_string())
    }
}

/// One that is to be read: its name, and its text or why there is none.
struct Text {
    name: String,
    form: Form,
    bytes: Result<Vec<u8>, String>,
}

/// What was counted.
#[derive(Default)]
struct Counts {
    newest: Option<Timestamp>,
    advisories: u64,
    withdrawn: u64,
    without_package: u64,
    skipped: u64,
    skipped_first: Vec<Skipped>,
    ecosystems: BTreeMap<String, u64>,
}

/// Reads all that a source has, and puts it into a file of the database, which no list names yet.
///
/// # Errors
/// The source cannot be read or has no advisories; the file cannot be written.
pub(super) fn build(into: &Path, origin: &Origin, input: Input, observer: &dyn Observer) -> Result<Source, NotBuilt> {
    let mut builder = Builder::new(into)?;
    let mut counts = Counts::default();
    let wanted = origin.ecosystem.as_deref().map(without_release);
    let mut take = |texts: Vec<Text>| -> io::Result<()> {
        let read: Vec<_> =
            texts.into_par_iter().map(|text| (text.name, text.bytes.and_then(|bytes| read(&bytes, text.form, wanted)))).collect();
        for (name, read) in read {
            counts.take(name, read, origin, observer, &mut builder)?;
        }
        observer
            .doing(&format!("{origin}: {} advisories", crate::report::thousands(usize::try_from(counts.advisories).unwrap_or(usize::MAX))));
        Ok(())
    };
    let mut batch = Batch::default();
    match input {
        Input::Zip(file) => {
            let mut archive = Archive::open(&file)?;
            while let Some(entry) = archive.next()? {
                let Some(form) = Form::of(&entry.name) else { continue };
                batch.texts.push(Text { name: entry.name, form, bytes: entry.bytes.map_err(str::to_owned) });
                batch.take_if_full(&mut take)?;
            }
        }
        Input::Folder(listing) => {
            for (path, form) in listing.files {
                batch.texts.push(Text { name: path.to_string_lossy().into_owned(), form, bytes: folder::read(&path) });
                batch.take_if_full(&mut take)?;
            }
        }
    }
    take(batch.texts)?;
    if counts.advisories + counts.withdrawn + counts.without_package == 0 {
        let skipped = if counts.skipped > 0 { format!(", and {} files that are none", counts.skipped) } else { String::new() };
        return Err(NotBuilt::Source(format!("there is no advisory in it{skipped}")));
    }
    let made = new_file(into)?;
    let packages = builder.finish(made.as_file())?;
    let bytes = made.as_file().metadata()?.len();
    let file = free_name(into, origin);
    made.persist_noclobber(into.join(&file)).map_err(|error| error.error)?;
    let now = Timestamp::now();
    Ok(Source {
        origin: origin.clone(),
        etag: None,
        last_modified: None,
        state: None,
        read_at: now,
        current_at: now,
        newest: counts.newest,
        file,
        bytes,
        advisories: counts.advisories,
        packages,
        withdrawn: counts.withdrawn,
        without_package: counts.without_package,
        skipped: counts.skipped,
        skipped_first: counts.skipped_first,
        ecosystems: counts.ecosystems,
    })
}

fn read(bytes: &[u8], form: Form, wanted: Option<&str>) -> Result<Read, String> {
    record::read(bytes, form, |ecosystem| wanted.is_none_or(|wanted| without_release(ecosystem) == wanted))
}

/// Texts that wait to be read.
#[derive(Default)]
struct Batch {
    texts: Vec<Text>,
    bytes: usize,
}

impl Batch {
    fn take_if_full(&mut self, take: &mut impl FnMut(Vec<Text>) -> io::Result<()>) -> io::Result<()> {
        self.bytes += self.texts.last().and_then(|text| text.bytes.as_ref().ok()).map_or(0, Vec::len);
        if self.texts.len() >= AT_ONCE || self.bytes >= BYTES_AT_ONCE {
            self.bytes = 0;
            take(std::mem::take(&mut self.texts))?;
        }
        Ok(())
    }
}

impl Counts {
    fn take(
        &mut self,
        name: String,
        read: Result<Read, String>,
        origin: &Origin,
        observer: &dyn Observer,
        into: &mut Builder,
    ) -> io::Result<()> {
        let Read { modified, withdrawn, packages } = match read {
            Ok(read) => read,
            Err(why) => {
                self.skipped += 1;
                let cut = |text: String| text.chars().take(LONGEST).collect();
                let skipped = Skipped { name: cut(name), why: cut(why) };
                observer.skipped(origin, &skipped);
                if self.skipped_first.len() < MOST_NAMED {
                    self.skipped_first.push(skipped);
                }
                return Ok(());
            }
        };
        self.newest = self.newest.max(Some(modified));
        match (withdrawn, packages.is_empty()) {
            (true, _) => self.withdrawn += 1,
            (false, true) => self.without_package += 1,
            (false, false) => self.advisories += 1,
        }
        let ecosystems: BTreeSet<&str> = packages.keys().map(|(ecosystem, _)| without_release(ecosystem)).collect();
        for ecosystem in ecosystems {
            *self.ecosystems.entry(ecosystem.to_owned()).or_default() += u64::from(!withdrawn);
        }
        for ((ecosystem, name), said) in &packages {
            into.add(&Key::new(ecosystem, name), said)?;
        }
        Ok(())
    }
}
