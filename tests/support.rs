//! The program in a scrubbed environment, and small repositories for it.

use std::ffi::OsStr;
use std::fs;
use std::ops::Deref;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Once;

use git2::{Commit, IndexEntry, IndexTime, ObjectType, Oid, Repository, RepositoryInitOptions, Signature, Time};
use serde_json::Value;
use tempfile::TempDir;

/// A file that is a binary by its first bytes.
pub(crate) const ELF: &[u8] = b"\x7fELF\x02\x01\x01 and enough behind it, because a format is only told from a whole header.";

/// A run that is being prepared: in an empty home, with nothing in the environment but `PATH` and `HOME`.
pub(crate) struct Carat {
    command: Command,
    home: TempDir,
    hidden: Option<PathBuf>,
}

/// The program with these arguments.
pub(crate) fn carat<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Carat {
    let home = tempfile::tempdir().expect("a temporary folder can be made");
    let mut command = Command::new(env!("CARGO_BIN_EXE_carat"));
    command.env_clear().env("HOME", home.path()).current_dir(home.path()).stdin(Stdio::null());
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    Carat { command, home, hidden: None }.args(arguments)
}

/// `carat score TARGET`.
pub(crate) fn score(target: impl AsRef<OsStr>) -> Carat {
    carat(["score"]).args([target])
}

impl Carat {
    pub(crate) fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.command.args(arguments);
        self
    }

    pub(crate) fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    pub(crate) fn stdout(mut self, to: impl Into<Stdio>) -> Self {
        self.command.stdout(to);
        self
    }

    /// Puts a file into the home.
    pub(crate) fn home(self, path: &str, text: &str) -> Self {
        let file = self.home.path().join(path);
        fs::create_dir_all(file.parent().expect("a file stands in a folder")).expect("the home can be written");
        fs::write(file, text).expect("the home can be written");
        self
    }

    /// Shows this folder as `[TMP]`.
    fn hiding(mut self, folder: &Path) -> Self {
        self.hidden = Some(folder.to_owned());
        self
    }

    #[track_caller]
    pub(crate) fn run(mut self) -> Ran {
        let output = self.command.output().expect("the program starts");
        let text = |bytes| String::from_utf8(bytes).expect("what the program writes is UTF-8");
        let (out, err) = (text(output.stdout), text(output.stderr));
        assert!(!out.contains('\x1b') && !err.contains('\x1b'), "nothing steers a terminal that is none: {out:?} {err:?}");
        Ran { code: output.status.code(), out, err, hidden: self.hidden }
    }

    /// Starts it and waits for nothing. The home lasts as long as what comes with the process is kept.
    pub(crate) fn start(mut self) -> (Child, TempDir) {
        (self.command.stderr(Stdio::piped()).spawn().expect("the program starts"), self.home)
    }

    /// Runs it; it must succeed, and say nothing beside its result.
    #[track_caller]
    pub(crate) fn ok(self) -> Ran {
        let ran = self.run();
        assert_eq!((ran.code, &*ran.err), (Some(0), ""), "{}", ran.out);
        ran
    }

    /// Runs it; it must fail with this code and nothing but an error. Returns the error.
    #[track_caller]
    pub(crate) fn fails(self, code: i32) -> String {
        let ran = self.run();
        assert_eq!((ran.code, &*ran.out), (Some(code), ""), "{}", ran.err);
        assert!(ran.err.starts_with("error: ") && ran.err.ends_with('\n'), "{}", ran.err);
        assert!(!ran.err.contains("panicked") && !ran.err.contains("backtrace"), "{}", ran.err);
        ran.shown(&ran.err)
    }

    /// Runs it with `--format json`.
    #[track_caller]
    pub(crate) fn json(self) -> Card {
        Card(self.args(["--format", "json"]).ok().json())
    }
}

/// A run that is over.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
    hidden: Option<PathBuf>,
}

impl Ran {
    /// Standard output without what differs from run to run: temporary paths and the date.
    pub(crate) fn table(&self) -> String {
        self.shown(&self.out)
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).expect("standard output is JSON")
    }

    /// JSON as [`Ran::table`] shows a table, spread over lines.
    #[track_caller]
    pub(crate) fn pretty(&self) -> String {
        self.shown(&serde_json::to_string_pretty(&self.json()).expect("a value serialises"))
    }

    fn shown(&self, text: &str) -> String {
        match &self.hidden {
            Some(folder) => undated(&text.replace(folder.to_str().expect("temporary paths are UTF-8"), "[TMP]")),
            None => undated(text),
        }
    }
}

/// The text with `[DATE]` for the date of a JSON document.
fn undated(text: &str) -> String {
    let Some((before, rest)) = text.split_once("\"date\":") else { return text.to_owned() };
    let after = rest.trim_start().strip_prefix('"').and_then(|rest| rest.split_once('"')).expect("a date is a text").1;
    format!("{before}\"date\": \"[DATE]\"{after}")
}

/// The JSON of a run.
#[derive(Debug)]
pub(crate) struct Card(Value);

impl Deref for Card {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.0
    }
}

impl Card {
    #[track_caller]
    pub(crate) fn check(&self, name: &str) -> &Value {
        let checks = self["checks"].as_array().expect("checks are a list");
        checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("{name} ran"))
    }

    #[track_caller]
    pub(crate) fn score(&self, check: &str) -> i64 {
        self.check(check)["score"].as_i64().expect("a score is a whole number")
    }

    pub(crate) fn checks(&self) -> Vec<&str> {
        self["checks"].as_array().expect("checks are a list").iter().map(|check| check["name"].as_str().expect("a name")).collect()
    }

    /// The paths of the findings of a probe, in their order.
    pub(crate) fn places(&self, probe: &str) -> Vec<&str> {
        let findings = self["findings"].as_array().expect("findings are a list").iter();
        findings.filter(|finding| finding["probe"] == probe).filter_map(|finding| finding["location"]["path"].as_str()).collect()
    }

    /// How many files were listed, and how many were left out as untracked, ignored and deleted.
    pub(crate) fn files(&self) -> [u64; 4] {
        ["listed", "untracked", "ignored", "deleted"].map(|key| self["files"][key].as_u64().expect("a number"))
    }

    /// The notes on how the list of files was made, as one text.
    pub(crate) fn notes(&self) -> String {
        self["files"]["notes"].as_array().expect("notes are a list").iter().map(|note| note.as_str().expect("a text")).collect()
    }
}

/// A folder, in a temporary one that is its own: there is room beside it.
pub(crate) struct Folder {
    around: TempDir,
    path: PathBuf,
}

impl Folder {
    pub(crate) fn new() -> Self {
        let around = tempfile::tempdir().expect("a temporary folder can be made");
        let path = around.path().join("repo");
        fs::create_dir(&path).expect("a folder can be made in it");
        Self { around, path }
    }

    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let folder = Self::new();
        for (path, text) in files {
            folder.write(path, text);
        }
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A place beside the folder.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.around.path().join(name)
    }

    /// `carat score FOLDER`, run beside it.
    pub(crate) fn score(&self) -> Carat {
        score(&self.path).within(self.around.path()).hiding(self.around.path())
    }

    /// `carat score FOLDER@REVISION`, run beside it.
    pub(crate) fn score_at(&self, revision: &str) -> Carat {
        let mut target = self.path.clone().into_os_string();
        target.push("@");
        target.push(revision);
        score(target).within(self.around.path()).hiding(self.around.path())
    }

    /// Writes a file, and the folders on the way.
    pub(crate) fn write(&self, path: impl AsRef<[u8]>, content: impl AsRef<[u8]>) {
        let file = self.path.join(OsStr::from_bytes(path.as_ref()));
        fs::create_dir_all(file.parent().expect("a file stands in a folder")).expect("folders can be made");
        fs::write(file, content).expect("a file can be written");
    }

    pub(crate) fn delete(&self, path: &str) {
        fs::remove_file(self.path.join(path)).expect("there is a file to delete");
    }

    pub(crate) fn link(&self, path: &str, to: impl AsRef<Path>) {
        std::os::unix::fs::symlink(to, self.path.join(path)).expect("a link can be made");
    }
}

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

/// The bytes of an index, written by hand: libgit2 writes none that is sparse, split or wrong.
pub(crate) struct Index {
    version: u32,
    count: u32,
    last: Vec<u8>,
    bytes: Vec<u8>,
}

impl Index {
    const EXTENDED: u16 = 1 << 14;
    const SKIP_WORKTREE: u16 = 1 << 14;

    pub(crate) fn new(version: u32) -> Self {
        Self { version, count: 0, last: Vec::new(), bytes: Vec::new() }
    }

    /// Adds an entry. The order is the caller's.
    pub(crate) fn and(self, path: &str, mode: u32, id: Oid) -> Self {
        self.entry(path, mode, id, 0, 0)
    }

    /// Adds an entry that the user left out of the working tree.
    pub(crate) fn skipped(self, path: &str, mode: u32, id: Oid) -> Self {
        self.entry(path, mode, id, Self::EXTENDED, Self::SKIP_WORKTREE)
    }

    /// Adds one side of a conflict.
    pub(crate) fn at_stage(self, path: &str, stage: u16, id: Oid) -> Self {
        self.entry(path, 0o100_644, id, stage << 12, 0)
    }

    fn entry(mut self, path: &str, mode: u32, id: Oid, flags: u16, extended: u16) -> Self {
        let begin = self.bytes.len();
        self.bytes.extend([0; 24]);
        self.bytes.extend(mode.to_be_bytes());
        self.bytes.extend([0; 12]);
        self.bytes.extend(id.as_bytes());
        let length = u16::try_from(path.len()).unwrap_or(0xfff).min(0xfff);
        self.bytes.extend((flags | length).to_be_bytes());
        if flags & Self::EXTENDED != 0 {
            self.bytes.extend(extended.to_be_bytes());
        }
        if self.version == 4 {
            // From behind: paths that follow each other mostly differ in their last letters.
            let most = path.len().min(self.last.len());
            let kept = (0..=most).rev().find(|n| path.as_bytes()[..*n] == self.last[..*n]).unwrap_or_default();
            self.bytes.extend(offset(self.last.len() - kept));
            self.bytes.extend(&path.as_bytes()[kept..]);
            self.bytes.push(0);
            self.last = path.as_bytes().to_vec();
        } else {
            self.bytes.extend(path.bytes());
            self.bytes.resize(begin + ((self.bytes.len() - begin + 8) & !7), 0);
        }
        self.count += 1;
        self
    }

    /// Adds what follows the entries.
    pub(crate) fn extension(mut self, name: &[u8; 4], content: &[u8]) -> Self {
        self.bytes.extend(name);
        self.bytes.extend(u32::try_from(content.len()).expect("few bytes").to_be_bytes());
        self.bytes.extend(content);
        self
    }

    /// The file, without a right checksum.
    pub(crate) fn bytes(self) -> Vec<u8> {
        let mut out = b"DIRC".to_vec();
        out.extend(self.version.to_be_bytes());
        out.extend(self.count.to_be_bytes());
        out.extend(self.bytes);
        out.extend([0; 20]);
        out
    }
}

/// A number as version 4 of the index writes it.
fn offset(mut number: usize) -> Vec<u8> {
    let mut out = vec![u8::try_from(number & 0x7f).expect("seven bits")];
    while number > 0x7f {
        number = (number >> 7) - 1;
        out.insert(0, 0x80 | u8::try_from(number & 0x7f).expect("seven bits"));
    }
    out
}
