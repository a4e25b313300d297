//! Small repositories, made by libgit2 the same way every time.

use std::fs;
use std::ops::Deref;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Once;

use git2::{Commit, IndexEntry, IndexTime, ObjectType, Oid, Repository, RepositoryInitOptions, Signature, Time};

use super::Folder;

/// A clone, or a bare repository. Ids of commits are always the same: author and time are.
pub(crate) struct Repo {
    folder: Folder,
    git: Repository,
}

impl Deref for Repo {
    type Target = Folder;

    fn deref(&self) -> &Folder {
        &self.folder
    }
}

impl Repo {
    pub(crate) fn new() -> Self {
        let folder = Folder::new();
        let git = init(folder.path(), &mut RepositoryInitOptions::new());
        Self { folder, git }
    }

    pub(crate) fn bare() -> Self {
        let folder = Folder::new();
        let git = init(folder.path(), RepositoryInitOptions::new().bare(true));
        Self { folder, git }
    }

    /// A clone with one commit of these files.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        Self::new().and(files)
    }

    /// A bare repository with one commit of these files.
    pub(crate) fn bare_with(files: &[(&str, &str)]) -> Self {
        Self::bare().and(files)
    }

    fn and(self, files: &[(&str, &str)]) -> Self {
        for (path, text) in files {
            self.add(path, text);
        }
        self.commit();
        self
    }

    pub(crate) fn git(&self) -> &Repository {
        &self.git
    }

    /// Writes a file, unless the repository is bare, and tracks it.
    pub(crate) fn add(&self, path: impl AsRef<[u8]>, content: impl AsRef<[u8]>) {
        if !self.git.is_bare() {
            self.folder.write(path.as_ref(), content.as_ref());
        }
        self.track(path, 0o100_644, self.blob(content));
    }

    pub(crate) fn blob(&self, content: impl AsRef<[u8]>) -> Oid {
        self.git.blob(content.as_ref()).expect("an object can be written")
    }

    /// Tracks an object, whatever stands in the working tree.
    pub(crate) fn track(&self, path: impl AsRef<[u8]>, mode: u32, id: Oid) {
        self.track_entry(&entry(path.as_ref(), mode, id));
    }

    pub(crate) fn track_entry(&self, entry: &IndexEntry) {
        let mut index = self.git.index().expect("a repository has an index");
        index.add(entry).expect("an entry can be added");
        // A bare repository keeps its index in memory, and the same one as long as it is open.
        if !self.git.is_bare() {
            index.write().expect("an index can be written");
        }
    }

    /// Commits what is tracked, and returns the commit's id.
    pub(crate) fn commit(&self) -> String {
        commit(&self.git)
    }

    pub(crate) fn head(&self) -> Commit<'_> {
        self.git.head().and_then(|head| head.peel_to_commit()).expect("there is a commit")
    }

    pub(crate) fn branch(&self, name: &str) {
        self.git.branch(name, &self.head(), false).expect("a branch can be made");
    }

    pub(crate) fn tag(&self, name: &str) {
        self.git.tag_lightweight(name, self.head().as_object(), false).expect("a tag can be made");
    }

    pub(crate) fn annotated_tag(&self, name: &str) {
        self.git.tag(name, self.head().as_object(), &someone(), "A tag", false).expect("a tag can be made");
    }

    /// Puts all that `HEAD` names into a pack, and takes the loose objects away. Returns the pack.
    pub(crate) fn pack(&self) -> PathBuf {
        let mut builder = self.git.packbuilder().expect("a pack can be built");
        let mut walk = self.git.revwalk().expect("history can be walked");
        walk.push_head().expect("there is a commit");
        builder.insert_walk(&mut walk).expect("objects can be packed");
        let objects = self.git.path().join("objects");
        builder.write(&objects.join("pack"), 0o644).expect("a pack can be written");
        for entry in objects.read_dir().expect("objects stand in folders").map(|entry| entry.expect("an entry")) {
            if entry.file_name().len() == 2 {
                fs::remove_dir_all(entry.path()).expect("loose objects can be deleted");
            }
        }
        let name = builder.name().ok().flatten().expect("a pack that was written has a name");
        objects.join(format!("pack/pack-{name}.pack"))
    }

    /// Writes an object as it is, whatever is in it.
    pub(crate) fn object(&self, kind: ObjectType, bytes: &[u8]) -> Oid {
        self.git.odb().and_then(|odb| odb.write(kind, bytes)).expect("an object can be written")
    }

    /// Writes a tree of these names, modes and objects as it is, in this order, whatever it names.
    pub(crate) fn tree<'a>(&self, entries: impl IntoIterator<Item = (&'a str, u32, Oid)>) -> Oid {
        let mut bytes = Vec::new();
        for (name, mode, id) in entries {
            bytes.extend(format!("{mode:o} {name}\0").bytes());
            bytes.extend(id.as_bytes());
        }
        self.object(ObjectType::Tree, &bytes)
    }

    /// Makes the branch `main` a commit of this tree, and returns its id. The index stays as it is.
    pub(crate) fn commit_tree(&self, tree: Oid) -> String {
        let who = "Someone <someone@example.org> 1700000000 +0000";
        let id = self.object(ObjectType::Commit, format!("tree {tree}\nauthor {who}\ncommitter {who}\n\nA commit\n").as_bytes());
        self.set_ref("refs/heads/main", &id.to_string());
        id.to_string()
    }

    /// Writes the file of a ref.
    pub(crate) fn set_ref(&self, name: &str, text: &str) {
        let file = self.git.path().join(name);
        fs::create_dir_all(file.parent().expect("a ref stands in a folder")).expect("folders can be made");
        fs::write(file, format!("{text}\n")).expect("a ref can be written");
    }

    /// The file of a loose object, which may be written.
    pub(crate) fn loose(&self, id: Oid) -> PathBuf {
        let (id, git) = (id.to_string(), self.git.path());
        let file = git.join("objects").join(&id[..2]).join(&id[2..]);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("a loose object is a file");
        file
    }

    /// Takes a loose object out of the database.
    pub(crate) fn lose(&self, id: Oid) {
        fs::remove_file(self.loose(id)).expect("a loose object can be deleted");
    }
}

pub(crate) fn commit(git: &Repository) -> String {
    let tree = git.index().and_then(|mut index| index.write_tree()).expect("a tree can be written");
    let tree = git.find_tree(tree).expect("it was just written");
    let parent = git.head().and_then(|head| head.peel_to_commit()).ok();
    let who = someone();
    git.commit(Some("HEAD"), &who, &who, "A commit", &tree, parent.as_ref().as_slice()).expect("a commit can be written").to_string()
}

/// Who makes commits and tags, and when.
fn someone() -> Signature<'static> {
    Signature::new("Someone", "someone@example.org", &Time::new(1_700_000_000, 0)).expect("a name without signs that Git refuses")
}

/// An entry of an index.
pub(crate) fn entry(path: &[u8], mode: u32, id: Oid) -> IndexEntry {
    IndexEntry {
        ctime: IndexTime::new(0, 0),
        mtime: IndexTime::new(0, 0),
        dev: 0,
        ino: 0,
        mode,
        uid: 0,
        gid: 0,
        file_size: 0,
        id,
        flags: 0,
        flags_extended: 0,
        path: path.to_vec(),
    }
}

/// Makes a repository in the same way on every machine.
pub(crate) fn init(folder: &Path, options: &mut RepositoryInitOptions) -> Repository {
    forget_configuration();
    let options = options.external_template(false).initial_head("main");
    Repository::init_opts(folder, options).expect("a repository can be made")
}

/// Has libgit2 in this process read no configuration but that of the repositories.
#[expect(unsafe_code, reason = "git2 marks setters of process-wide state as unsafe")]
fn forget_configuration() {
    use git2::ConfigLevel;
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for level in [ConfigLevel::ProgramData, ConfigLevel::System, ConfigLevel::XDG, ConfigLevel::Global] {
            // SAFETY: repositories are made and opened behind this only, so no other thread uses libgit2 yet.
            unsafe { git2::opts::set_search_path(level, "") }.expect("a search path can be empty");
        }
    });
}
