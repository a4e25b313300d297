//! What a `package-lock.json` says, as far as it is asked for.

use std::borrow::Cow;
use std::ops::Range;

use crate::Id;
use crate::evidence::Scope;
use crate::parse::json::{Reader, Value, Wrong};

/// What the file says, read in one go: such files are long, and a tree of all takes longer than all else.
#[derive(Default)]
pub(super) struct Lock<'a> {
    /// Of versions 2 and 3 every folder in which something is installed, and the repository's own.
    pub(super) folders: Vec<Folder<'a>>,
    pub(super) has_packages: bool,
    /// How many folders there are, more or less.
    pub(super) expected: usize,
    /// The names that the folders ask for.
    pub(super) asked: Vec<Cow<'a, str>>,
    /// Of version 1 the packages by name; versions 2 have these, too, and there they do not count.
    pub(super) nested: Vec<Nested<'a>>,
    /// The first value of the wrong kind.
    pub(super) wrong: Option<Wrong>,
}

/// What a folder may ask for, by the field that says so: first what everyone who uses it needs.
pub(super) const PARTS: [&str; 4] = ["dependencies", "optionalDependencies", "peerDependencies", "devDependencies"];
pub(super) const OF_ALL: usize = 3;

/// A folder in which something is installed.
#[derive(Default)]
pub(super) struct Folder<'a> {
    pub(super) path: Cow<'a, str>,
    pub(super) line: u32,
    pub(super) name: Cow<'a, str>,
    pub(super) version: Cow<'a, str>,
    pub(super) resolved: Cow<'a, str>,
    pub(super) groups: Groups,
    /// Which names it asks for, by [`PARTS`].
    pub(super) asked: [Range<usize>; PARTS.len()],
}

/// A package of version 1.
pub(super) struct Nested<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) line: u32,
    pub(super) version: Cow<'a, str>,
    pub(super) groups: Groups,
}

impl<'a> Lock<'a> {
    /// Takes a member of the whole file.
    pub(super) fn member(&mut self, reader: &mut Reader<'a, '_>, key: &str) -> Option<()> {
        if key.eq_ignore_ascii_case("packages") {
            // The key may come a million times: room is made once.
            self.folders.clear();
            self.asked.clear();
            self.folders.reserve(self.expected);
            self.asked.reserve(self.expected);
            self.has_packages = false;
            return self.object(reader, "packages", |lock, reader| {
                lock.has_packages = true;
                reader.members(|reader, path, line| {
                    let folder = Folder { path, line, ..Folder::default() };
                    lock.folder(reader, folder)
                })
            });
        }
        if key.eq_ignore_ascii_case("dependencies") {
            self.nested.clear();
            return self.dependencies(reader);
        }
        if key.eq_ignore_ascii_case("lockfileVersion") {
            let value = reader.value()?;
            if value != Value::Null && !value.is_integer() {
                self.note("lockfileVersion", "a whole number");
            }
            return Some(());
        }
        reader.skip()
    }

    /// Takes a folder.
    fn folder(&mut self, reader: &mut Reader<'a, '_>, mut folder: Folder<'a>) -> Option<()> {
        let path = folder.path.clone();
        self.object(reader, &path, |lock, reader| {
            reader.members(|reader, key, _| {
                // How long a key is tells nearly all apart.
                let is = |field: &str| key.eq_ignore_ascii_case(field);
                let part = || PARTS.iter().position(|part| is(part));
                match key.len() {
                    3 if is("dev") => lock.truth(reader, "dev", &mut folder.groups.dev),
                    4 if is("name") => lock.text(reader, "name", &mut folder.name),
                    4 if is("link") => lock.truth(reader, "link", &mut false),
                    7 if is("version") => lock.text(reader, "version", &mut folder.version),
                    8 if is("resolved") => lock.text(reader, "resolved", &mut folder.resolved),
                    8 if is("optional") => lock.truth(reader, "optional", &mut folder.groups.optional),
                    8 if is("inBundle") => lock.truth(reader, "inBundle", &mut false),
                    11 if is("devOptional") => lock.truth(reader, "devOptional", &mut folder.groups.both),
                    12.. => match part() {
                        Some(part) => lock.names(reader, PARTS[part], &mut folder.asked[part]),
                        None if is("peerDependenciesMeta") => lock.peers(reader),
                        None => reader.skip(),
                    },
                    _ => reader.skip(),
                }
            })?;
            lock.folders.push(folder);
            Some(())
        })
    }

    /// Takes the names of an object whose values are texts.
    fn names(&mut self, reader: &mut Reader<'a, '_>, field: &str, names: &mut Range<usize>) -> Option<()> {
        let begin = self.asked.len();
        self.texts(reader, field, |lock, name| lock.asked.push(name))?;
        *names = begin..self.asked.len();
        Some(())
    }

    /// Sees to it that the values of an object are texts, and gives away its keys.
    fn texts(&mut self, reader: &mut Reader<'a, '_>, field: &str, each: impl Fn(&mut Self, Cow<'a, str>)) -> Option<()> {
        self.object(reader, field, |lock, reader| {
            reader.members(|reader, name, _| {
                if reader.is_text() {
                    reader.skip()?;
                } else if reader.value()? != Value::Null {
                    lock.note(&name, "a text");
                }
                each(lock, name);
                Some(())
            })
        })
    }

    /// Sees to it that what is told of peers is what it has to be.
    fn peers(&mut self, reader: &mut Reader<'a, '_>) -> Option<()> {
        self.object(reader, "peerDependenciesMeta", |lock, reader| {
            reader.members(|reader, name, _| {
                lock.object(reader, &name, |lock, reader| {
                    reader.members(|reader, key, _| match key.eq_ignore_ascii_case("optional") {
                        true => lock.truth(reader, "optional", &mut false),
                        false => reader.skip(),
                    })
                })
            })
        })
    }

    /// Takes packages by name, and those that stand in them.
    fn dependencies(&mut self, reader: &mut Reader<'a, '_>) -> Option<()> {
        self.object(reader, "dependencies", |lock, reader| {
            reader.members(|reader, name, line| {
                let at = lock.nested.len();
                lock.nested.push(Nested { name: name.clone(), line, version: Cow::default(), groups: Groups::default() });
                lock.object(reader, &name, |lock, reader| lock.dependency(reader, at))
            })
        })
    }

    /// Takes the package that has this place.
    fn dependency(&mut self, reader: &mut Reader<'a, '_>, at: usize) -> Option<()> {
        let (mut version, mut groups) = (Cow::default(), Groups::default());
        reader.members(|reader, key, _| {
            let is = |field: &str| key.eq_ignore_ascii_case(field);
            match key.len() {
                3 if is("dev") => self.truth(reader, "dev", &mut groups.dev),
                7 if is("version") => self.text(reader, "version", &mut version),
                8 if is("resolved") => self.text(reader, "resolved", &mut Cow::default()),
                8 if is("optional") => self.truth(reader, "optional", &mut groups.optional),
                8 if is("requires") => self.texts(reader, "requires", |_, _| {}),
                12 if is("dependencies") => self.dependencies(reader),
                _ => reader.skip(),
            }
        })?;
        (self.nested[at].version, self.nested[at].groups) = (version, groups);
        Some(())
    }

    /// Reads an object by `each`; `null` says nothing.
    fn object(
        &mut self,
        reader: &mut Reader<'a, '_>,
        field: &str,
        each: impl FnOnce(&mut Self, &mut Reader<'a, '_>) -> Option<()>,
    ) -> Option<()> {
        if reader.is_object() {
            return each(self, reader);
        }
        if reader.value()? != Value::Null {
            self.note(field, "an object");
        }
        Some(())
    }

    fn text(&mut self, reader: &mut Reader<'a, '_>, field: &str, to: &mut Cow<'a, str>) -> Option<()> {
        *to = match reader.value()? {
            Value::Text(text) => text,
            Value::Null => Cow::default(),
            _ => {
                self.note(field, "a text");
                Cow::default()
            }
        };
        Some(())
    }

    fn truth(&mut self, reader: &mut Reader<'a, '_>, field: &str, to: &mut bool) -> Option<()> {
        *to = match reader.value()? {
            Value::Boolean(is) => is,
            Value::Null => false,
            _ => {
                self.note(field, "true or false");
                false
            }
        };
        Some(())
    }

    fn note(&mut self, field: &str, wanted: &str) {
        self.wrong.get_or_insert_with(|| Wrong::new(field, wanted));
    }
}

/// For what a package is needed.
#[derive(Default)]
pub(super) struct Groups {
    dev: bool,
    optional: bool,
    both: bool,
}

impl Groups {
    pub(super) const fn scope(&self) -> Scope {
        match (self.dev, self.optional || self.both) {
            (true, _) => Scope::Development,
            (_, true) => Scope::Optional,
            _ => Scope::Production,
        }
    }

    pub(super) fn names(&self) -> Vec<Id> {
        match (self.dev || self.both, self.optional || self.both) {
            (true, true) => vec!["dev".into(), "optional".into()],
            (true, false) => vec!["dev".into()],
            (false, true) => vec!["optional".into()],
            (false, false) => Vec::new(),
        }
    }
}
