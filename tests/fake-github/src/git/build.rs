//! From the commits of a world to Git objects. Nothing is written to disk.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use git2::{ErrorCode, Index, IndexEntry, IndexTime, ObjectType, Odb, Oid, Signature, Time};

use crate::world::{Branch, Commit, Entry, Person, Repository, Tag, Target, seconds};

/// A commit in Git, and where the world has it.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) parent: Option<Oid>,
    /// The branch that it is on, and its place there; no branch is the default one.
    branch: Option<usize>,
    index: usize,
}

/// A repository's objects, refs and commits.
pub(crate) struct Built {
    pub(crate) objects: Mutex<git2::Repository>,
    /// Full names, and what they point at: the tag itself for an annotated one.
    pub(crate) refs: BTreeMap<String, Oid>,
    pub(crate) commits: HashMap<Oid, Made>,
    /// The commits of the default branch, oldest first.
    pub(crate) line: Vec<Oid>,
    /// Those of the other branches, in the order of the world.
    lines: Vec<Vec<Oid>>,
}

impl Built {
    /// # Panics
    ///
    /// Where the world asks for what Git cannot hold.
    pub(crate) fn new(world: &Repository) -> Self {
        let objects = Odb::new().and_then(|odb| {
            odb.add_new_mempack_backend(1)?;
            git2::Repository::from_odb(odb)
        });
        let mut built = Self {
            objects: Mutex::new(objects.expect("libgit2 keeps objects in memory")),
            refs: BTreeMap::new(),
            commits: HashMap::new(),
            line: Vec::new(),
            lines: Vec::new(),
        };
        let line = built.line_of(None, &world.commits, &mut Files::new(), None);
        if let Some(tip) = line.last() {
            built.refs.insert(format!("refs/heads/{}", world.default_branch), *tip);
        }
        built.line = line;
        for (place, branch) in world.branches.iter().enumerate() {
            built.branch(world, place, branch);
        }
        for tag in &world.tags {
            built.tag(world, tag);
        }
        built
    }

    /// What the world says of a commit.
    pub(crate) fn model<'w>(&self, world: &'w Repository, oid: Oid) -> Option<&'w Commit> {
        let made = self.commits.get(&oid)?;
        let line = match made.branch {
            None => &world.commits,
            Some(branch) => &world.branches.get(branch)?.commits,
        };
        line.get(made.index)
    }

    /// The own commits of the branch at this place of the world, oldest first.
    pub(crate) fn commits_of(&self, branch: usize) -> &[Oid] {
        self.lines.get(branch).map(Vec::as_slice).unwrap_or_default()
    }

    /// A commit and those before it, newest first.
    pub(crate) fn history(&self, from: Oid) -> impl Iterator<Item = Oid> + '_ {
        std::iter::successors(Some(from), |oid| self.commits.get(oid).and_then(|made| made.parent))
    }

    /// The commit behind a branch, a tag, a full ref, `HEAD` or an object id.
    pub(crate) fn resolve(&self, world: &Repository, name: &str) -> Option<Oid> {
        self.peeled(self.revision(world, name)?)
    }

    /// What is at a branch, a tag, a full ref, `HEAD` or an object id: a tag itself where it is annotated.
    pub(crate) fn revision(&self, world: &Repository, name: &str) -> Option<Oid> {
        let default = format!("refs/heads/{}", world.default_branch);
        let full = if name == "HEAD" { default.as_str() } else { name };
        let spelled = ["", "refs/", "refs/tags/", "refs/heads/"].map(|prefix| format!("{prefix}{full}"));
        let found = spelled.iter().find_map(|name| self.refs.get(name)).copied();
        found.or_else(|| self.by_id(name))
    }

    /// The object of this id; of a commit's the first digits are enough.
    fn by_id(&self, id: &str) -> Option<Oid> {
        match id.len() {
            40 => Oid::from_str(id).ok(),
            7.. => {
                let mut found = self.commits.keys().filter(|oid| oid.to_string().starts_with(id));
                found.next().copied().filter(|_| found.next().is_none())
            }
            _ => None,
        }
    }

    /// The commit that an object is, or that a tag leads to.
    pub(crate) fn peeled(&self, oid: Oid) -> Option<Oid> {
        let objects = self.objects.lock().ok()?;
        let object = objects.find_object(oid, None).ok()?;
        object.peel(ObjectType::Commit).ok().map(|commit| commit.id())
    }

    /// The id of what stands at a path in a commit.
    pub(crate) fn at_path(&self, commit: Oid, path: &str) -> Option<Oid> {
        let objects = self.objects.lock().ok()?;
        let tree = objects.find_commit(commit).ok()?.tree().ok()?;
        if path.is_empty() {
            return Some(tree.id());
        }
        tree.get_path(std::path::Path::new(path)).ok().map(|entry| entry.id())
    }

    /// What kind of object this is, if it is there.
    pub(crate) fn kind(&self, oid: Oid) -> Option<ObjectType> {
        let objects = self.objects.lock().ok()?;
        let object = objects.find_object(oid, None).ok()?;
        object.kind()
    }

    /// The bytes of a blob.
    pub(crate) fn blob(&self, oid: Oid) -> Option<Vec<u8>> {
        let objects = self.objects.lock().ok()?;
        objects.find_blob(oid).ok().map(|blob| blob.content().to_vec())
    }

    fn branch(&mut self, world: &Repository, place: usize, branch: &Branch) {
        let start = match (branch.orphan, branch.from) {
            (true, _) => None,
            (false, Some(index)) => Some(*self.line.get(index).expect("a branch leaves from a commit that is there")),
            (false, None) => self.line.last().copied(),
        };
        let mut files = start.map_or_else(Files::new, |start| self.files(start));
        let made = self.line_of(Some(place), &branch.commits, &mut files, start);
        let tip = made.last().copied().or(start).expect("a branch of an empty repository has commits of its own");
        assert!(branch.name != world.default_branch, "the default branch is made of the repository's own commits");
        if !branch.hidden {
            self.refs.insert(format!("refs/heads/{}", branch.name), tip);
        }
        self.lines.push(made);
    }

    fn tag(&mut self, world: &Repository, tag: &Tag) {
        let commit = match &tag.target {
            Target::Commit(index) => self.line.get(*index).copied(),
            Target::Branch(name) => self.refs.get(&format!("refs/heads/{name}")).copied(),
        };
        let commit = commit.expect("a tag points at a commit that is there");
        let date = &self.model(world, commit).expect("every commit comes from the world").date;
        let target = match &tag.message {
            None => commit,
            Some(message) => {
                let objects = self.objects.lock().expect("nothing panics while it holds the objects");
                let object = objects.find_object(commit, None).expect("it was written");
                let tagger = signature(&Person::new("octocat"), date);
                objects.tag_annotation_create(&tag.name, &object, &tagger, message).expect("Git can hold the tag")
            }
        };
        self.refs.insert(format!("refs/tags/{}", tag.name), target);
    }

    fn line_of(&mut self, branch: Option<usize>, commits: &[Commit], files: &mut Files, start: Option<Oid>) -> Vec<Oid> {
        let objects = self.objects.get_mut().expect("nothing panics while it holds the objects");
        let mut parent = start;
        let mut line = Vec::new();
        for (index, commit) in commits.iter().enumerate() {
            let before = parent.map(|parent| objects.find_commit(parent).expect("it was written"));
            let same = before.as_ref().filter(|_| commit.changes.is_empty()).map(git2::Commit::tree_id);
            let tree = same.unwrap_or_else(|| {
                files.apply(objects, commit);
                files.write(objects)
            });
            let tree = objects.find_tree(tree).expect("it was written");
            let parents: Vec<_> = before.iter().collect();
            let (author, committer) = (signature(&commit.author, &commit.date), signature(&commit.committer, &commit.date));
            let oid = objects.commit(None, &author, &committer, &commit.message, &tree, &parents).expect("Git can hold the commit");
            self.commits.entry(oid).or_insert(Made { parent, branch, index });
            line.push(oid);
            parent = Some(oid);
        }
        line
    }

    fn files(&self, commit: Oid) -> Files {
        let objects = self.objects.lock().expect("nothing panics while it holds the objects");
        let tree = objects.find_commit(commit).and_then(|commit| commit.tree()).expect("it was written");
        let mut index = Index::new().expect("an index fits into memory");
        index.read_tree(&tree).expect("the tree was written");
        Files(index.iter().map(|entry| (entry.path, (entry.mode, entry.id))).collect())
    }
}

/// The files of a commit.
struct Files(BTreeMap<Vec<u8>, (u32, Oid)>);

impl Files {
    fn new() -> Self {
        Self(BTreeMap::new())
    }

    fn apply(&mut self, objects: &git2::Repository, commit: &Commit) {
        let blob = |bytes: &[u8]| objects.blob(bytes).expect("a blob fits into memory");
        for (path, entry) in &commit.changes {
            let made = match entry {
                Entry::File(bytes) => (0o100_644, blob(bytes)),
                Entry::Executable(bytes) => (0o100_755, blob(bytes)),
                Entry::Symlink(to) => (0o120_000, blob(to)),
                Entry::Submodule(oid) => (0o160_000, Oid::from_str(oid).expect("a submodule stands at a commit")),
                Entry::Deleted => {
                    self.0.remove(path);
                    continue;
                }
            };
            self.0.insert(path.clone(), made);
        }
    }

    fn write(&self, objects: &git2::Repository) -> Oid {
        let mut index = Index::new().expect("an index fits into memory");
        for (path, &(mode, id)) in &self.0 {
            let zero = IndexTime::new(0, 0);
            let entry = IndexEntry {
                ctime: zero,
                mtime: zero,
                dev: 0,
                ino: 0,
                mode,
                uid: 0,
                gid: 0,
                file_size: 0,
                id,
                flags: 0,
                flags_extended: 0,
                path: path.clone(),
            };
            if let Err(why) = index.add(&entry) {
                assert!(why.code() != ErrorCode::NotFound, "the blob was written");
                panic!("Git cannot hold the path {:?}: {why}", String::from_utf8_lossy(path));
            }
        }
        index.write_tree_to(objects).expect("a tree fits into memory")
    }
}

fn signature(person: &Person, date: &str) -> Signature<'static> {
    Signature::new(&person.name, &person.email, &Time::new(seconds(date), 0)).expect("a name and an address")
}
