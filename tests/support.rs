//! The program in a scrubbed environment, and small repositories for it.

mod hosts;
mod index;
mod repo;

use std::ffi::OsStr;
use std::fs;
use std::ops::Deref;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) use hosts::{asked, cause, score_on};
pub(crate) use index::Index;
pub(crate) use repo::{Repo, commit, entry, init};

/// A file that is a binary by its first bytes.
pub(crate) const ELF: &[u8] = b"\x7fELF\x02\x01\x01 and enough behind it, because a format is only told from a whole header.";

/// Nobody listens there.
const NOBODY: &str = "http://127.0.0.1:1";

/// A run that is being prepared: in an empty home, with nothing in the environment but `PATH`, `HOME`, and a proxy that
/// lets nothing out.
pub(crate) struct Carat {
    command: Command,
    home: TempDir,
    hidden: Option<PathBuf>,
}

/// The program with these arguments.
pub(crate) fn carat<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Carat {
    let home = tempfile::tempdir().expect("a temporary folder can be made");
    let mut command = Command::new(env!("CARGO_BIN_EXE_carat"));
    command.env_clear().env("HOME", home.path()).env("HTTPS_PROXY", NOBODY).current_dir(home.path()).stdin(Stdio::null());
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

    /// Lets it write no file at all, as on a disk that is full; the system then says so in place of a signal.
    pub(crate) fn on_a_full_disk(mut self) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\""]).arg(self.command.get_program()).args(self.command.get_args());
        command.env_clear().envs(self.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        if let Some(folder) = self.command.get_current_dir() {
            command.current_dir(folder);
        }
        command.stdin(Stdio::null());
        self.command = command;
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
