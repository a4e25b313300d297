//! Updates from folders, files and servers.

use std::fs::{self, File};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use carat_checks::ecosystem::Ecosystem;
use tempfile::TempDir;

use super::archive::Zip;
use crate::advisories::{Database, Error, Kind, Observer, Origin, Outcome, Said, Skipped, Source, ecosystems, origin_of, update};
use crate::http::testing::{Reply, Server, client};

fn advisory(id: &str, ecosystem: &str, name: &str, day: u8, more: &str) -> String {
    format!(
        r#"{{"id": "{id}", "modified": "2026-01-{day:02}T00:00:00Z", "summary": "of day {day}"{more},
            "affected": [{{"package": {{"ecosystem": "{ecosystem}", "name": "{name}"}}, "versions": ["1"]}}]}}"#
    )
}

/// What was told to be left out.
#[derive(Default)]
struct Told(Mutex<Vec<Skipped>>);

impl Observer for Told {
    fn skipped(&self, _: &Origin, skipped: &Skipped) {
        self.0.lock().expect("no panic").push(skipped.clone());
    }
}

/// A database in a folder of its own.
struct Place {
    home: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { home: tempfile::tempdir().expect("a folder") }
    }

    fn path(&self) -> std::path::PathBuf {
        self.home.path().join("carat/advisories")
    }

    fn update(&self, origins: &[Origin]) -> Result<Vec<Outcome>, Error> {
        self.update_telling(origins, Arc::new(()))
    }

    fn update_telling(&self, origins: &[Origin], observer: Arc<dyn Observer>) -> Result<Vec<Outcome>, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let updated = runtime.block_on(update(&client(), &self.path(), origins.to_vec(), observer))?;
        Ok(updated.into_iter().map(|updated| updated.outcome).collect())
    }

    fn open(&self) -> Database {
        Database::open(&self.path()).expect("sound").expect("there")
    }

    fn found(&self, ecosystem: &str, name: &str) -> Vec<String> {
        let told = |said: &Said| said.told(&Ecosystem::from_name(ecosystem), name).expect("as it was written");
        let found = self.open().lookup(ecosystem, name).expect("sound");
        found.iter().map(|(id, said)| format!("{id} {}", told(said).summary)).collect()
    }

    fn files(&self) -> Vec<String> {
        let files = fs::read_dir(self.path()).expect("there");
        let mut files: Vec<_> = files.map(|file| file.expect("listed").file_name().into_string().expect("a name")).collect();
        files.sort();
        files
    }
}

fn local(path: &Path) -> Origin {
    origin_of(path.to_str().expect("a path")).expect("there").expect("no mirror")
}

fn archive(server: &Server, ecosystem: &str) -> Origin {
    Origin { kind: Kind::Archive, ecosystem: Some(ecosystem.to_owned()), from: server.url("/osv/") }
}

fn read(outcome: &Outcome) -> &Source {
    match outcome {
        Outcome::Read(source) => source,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_folder_is_read_and_read_again_when_it_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("room");
        fs::write(path, text).expect("room");
    };
    write("crates/A-1.json", &advisory("A-1", "crates.io", "a", 1, ""));
    write("crates/A-2.json", &advisory("A-2", "crates.io", "a", 1, r#", "withdrawn": "2026-01-01T00:00:00Z""#));
    write("vulns/p/P-1.yaml", "id: P-1\nmodified: 2026-01-03T00:00:00Z\naffected:\n- package: {ecosystem: 'PyPI:x', name: p}\n");
    write("vulns/C-1.yml", "id: C-1\nmodified: 2026-01-02T00:00:00Z\n");
    write("vulns/broken.json", "{");
    write("README.md", "no advisory");
    write(".git/config.json", "{");
    let place = Place::new();
    let skipped = Arc::new(Told::default());
    let outcomes = place.update_telling(&[local(folder.path())], skipped.clone()).expect("written");
    let source = read(&outcomes[0]);
    assert_eq!((source.advisories, source.packages, source.withdrawn, source.without_package, source.skipped), (2, 2, 1, 1, 1));
    assert_eq!(source.newest, Some("2026-01-03T00:00:00Z".parse().expect("a moment")));
    assert_eq!(source.ecosystems.iter().map(|(name, count)| (&**name, *count)).collect::<Vec<_>>(), [("PyPI", 1), ("crates.io", 1)]);
    assert_eq!(*skipped.0.lock().expect("no panic"), source.skipped_first);
    assert!(source.skipped_first[0].name.ends_with("vulns/broken.json"));
    assert_eq!(place.found("crates.io", "a"), ["A-1 of day 1"]);
    assert_eq!(place.found("PyPI:x", "p"), ["P-1 "]);
    assert!(place.found("PyPI", "p").is_empty());
    let all = [("PyPI:x", "P"), ("PyPI:x", "q"), ("crates.io", "a")];
    place.open().expect(&all);
    assert_eq!(all.map(|(ecosystem, name)| place.found(ecosystem, name).len()), [1, 0, 1]);
    let database = place.open();
    assert!(database.has_ecosystem("PyPI") && database.has_ecosystem("PyPI:y") && !database.has_ecosystem("npm"));
    assert!(matches!(&place.update(&[]).expect("written")[..], [Outcome::Unchanged(same)] if same.file == source.file));
    write("crates/A-1.json", &advisory("A-1", "crates.io", "b", 4, ""));
    let again = place.update(&[]).expect("written");
    assert_ne!(read(&again[0]).file, source.file);
    assert_eq!((place.found("crates.io", "a"), place.found("crates.io", "b")), (vec![], vec!["A-1 of day 4".to_owned()]));
    let mut wanted = [&*read(&again[0]).file, "database.json", "lock"];
    wanted.sort_unstable();
    assert_eq!(place.files(), wanted);
    // What was open before sees what was there before.
    assert_eq!(database.lookup("crates.io", "a").expect("sound").len(), 1);
}

#[test]
fn of_several_sources_the_newest_counts() {
    let folders: Vec<TempDir> = (0..3).map(|_| tempfile::tempdir().expect("a folder")).collect();
    let write = |at: usize, id: &str, day, more| {
        fs::write(folders[at].path().join(format!("{id}.json")), advisory(id, "npm", "a", day, more)).expect("room");
    };
    const WITHDRAWN: &str = r#", "withdrawn": "2026-01-01T00:00:00Z""#;
    write(0, "A", 1, "");
    write(1, "A", 2, "");
    write(2, "B", 3, "");
    write(0, "C", 1, "");
    write(1, "C", 2, WITHDRAWN);
    write(0, "D", 2, "");
    write(1, "D", 1, WITHDRAWN);
    let place = Place::new();
    let origins: Vec<Origin> = folders.iter().map(|folder| local(folder.path())).collect();
    place.update(&origins).expect("written");
    assert_eq!(place.found("npm", "a"), ["A of day 2", "B of day 3", "D of day 2"]);
    assert_eq!(place.open().sources().len(), 3);
}

#[test]
fn archives_are_fetched_when_they_have_changed() {
    let day = Arc::new(AtomicUsize::new(1));
    let now = Arc::clone(&day);
    let server = Server::start(move |_, seen| {
        let day = now.load(Ordering::Relaxed);
        let etag = format!("\"{day}\"");
        match &*seen.target {
            "/osv/GitHub%20Actions/all.zip" if seen.header("if-none-match") == Some(&etag) => Reply::new(304, &[], ""),
            "/osv/GitHub%20Actions/all.zip" => {
                let day = u8::try_from(day).expect("few");
                let zip = Zip::default()
                    .with("A.json", advisory("A", "GitHub Actions", "a/b", day, ""))
                    .with("B.json", advisory("B", "npm", "b", day, ""))
                    .with("../C.json", advisory("C", "GitHub Actions", "c", day, ""));
                Reply::new(200, &[("etag", &etag), ("last-modified", "Wed, 25 Nov 2026 00:00:00 GMT")], zip.bytes())
            }
            "/osv/ecosystems.txt" => Reply::new(200, &[], "npm\n\nGitHub Actions\r\n"),
            _ => Reply::new(404, &[], "no such thing"),
        }
    });
    let place = Place::new();
    let origin = archive(&server, "GitHub Actions");
    let first = place.update(std::slice::from_ref(&origin)).expect("written");
    let source = read(&first[0]);
    assert_eq!((source.advisories, source.without_package, source.skipped), (1, 1, 1));
    assert_eq!(source.skipped_first[0].why, "its name leaves the folder");
    assert_eq!((source.etag.as_deref(), source.last_modified.as_deref()), (Some("\"1\""), Some("Wed, 25 Nov 2026 00:00:00 GMT")));
    assert_eq!(place.found("GitHub Actions", "a/b"), ["A of day 1"]);
    assert!(place.open().has_ecosystem("GitHub Actions") && !place.open().has_ecosystem("npm"));
    let second = place.update(&[]).expect("written");
    assert!(matches!(&second[0], Outcome::Unchanged(same) if same.file == source.file && same.current_at >= source.current_at));
    day.store(2, Ordering::Relaxed);
    read(&place.update(&[]).expect("written")[0]);
    assert_eq!(place.found("GitHub Actions", "a/b"), ["A of day 2"]);
    // A mirror's archive takes the place of the other one, and what this one calls its state is nothing to it.
    let other = Server::start(|_, seen| match seen.header("if-none-match") {
        None => Reply::new(200, &[], Zip::default().with("A.json", advisory("A", "GitHub Actions", "a/b", 9, "")).bytes()),
        Some(_) => Reply::new(304, &[], ""),
    });
    read(&place.update(&[archive(&other, "GitHub Actions")]).expect("written")[0]);
    assert_eq!(place.found("GitHub Actions", "a/b"), ["A of day 9"]);
    assert_eq!(place.open().sources().len(), 1);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let names = |base: &str| runtime.block_on(ecosystems(&client(), base)).expect("an answer");
    assert_eq!(names(&server.url("/osv/")), Some(vec!["npm".to_owned(), "GitHub Actions".to_owned()]));
    assert_eq!(names(&server.url("/elsewhere")), None);
}

#[test]
fn what_fails_leaves_the_old_state_and_the_others_alone() {
    let whole = Zip::default().with("A.json", advisory("A", "npm", "a", 1, "")).bytes();
    let is_well = Arc::new(AtomicUsize::new(1));
    let well = Arc::clone(&is_well);
    let server = Server::start(move |_, seen| {
        let good = |whole: &[u8]| Reply::new(200, &[], whole);
        match (&*seen.target, well.load(Ordering::Relaxed)) {
            ("/osv/npm/all.zip", 1) | ("/osv/Go/all.zip", _) => good(&whole),
            ("/osv/npm/all.zip", 2) => good(&whole).cut(40),
            ("/osv/npm/all.zip", 3) => good(&whole[..40]),
            ("/osv/npm/all.zip", 4) => good(&Zip::default().with("A.json", "{").bytes()),
            ("/osv/npm/all.zip", 5) => Reply::new(500, &[], ""),
            _ => Reply::new(404, &[], ""),
        }
    });
    let place = Place::new();
    place.update(&[archive(&server, "npm")]).expect("written");
    let before = place.files();
    for (state, why) in [(2, "broke"), (3, "no ZIP archive"), (4, "no advisory in it, and 1 files"), (5, "500"), (6, "404")] {
        is_well.store(state, Ordering::Relaxed);
        let outcomes = place.update(&[archive(&server, "npm")]).expect("written");
        assert!(matches!(&outcomes[..], [Outcome::Failed(said)] if said.contains(why)), "{outcomes:?}");
        assert_eq!(place.found("npm", "a"), ["A of day 1"]);
        assert_eq!(place.files(), before);
    }
    let outcomes = place.update(&[archive(&server, "npm"), archive(&server, "Go")]).expect("written");
    assert!(matches!(&outcomes[..], [Outcome::Failed(_), Outcome::Read(_)]));
    assert_eq!(place.open().sources().len(), 2);
}

#[test]
fn a_broken_transfer_is_begun_anew() {
    let whole = Zip::default().with("A.json", advisory("A", "npm", "a", 1, "")).bytes();
    let server =
        Server::start(move |before, _| if before == 0 { Reply::new(200, &[], &whole).cut(40) } else { Reply::new(200, &[], &whole) });
    let place = Place::new();
    read(&place.update(&[archive(&server, "npm")]).expect("written")[0]);
    assert_eq!(server.seen().len(), 2);
}

#[test]
fn two_updates_at_once_and_a_folder_that_is_none_are_errors() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("A.json"), advisory("A", "npm", "a", 1, "")).expect("room");
    let place = Place::new();
    place.update(&[local(folder.path())]).expect("written");
    let lock = File::open(place.path().join("lock")).expect("there");
    lock.lock().expect("nobody has it");
    assert!(matches!(place.update(&[]), Err(Error::Busy { .. })));
    assert_eq!(place.found("npm", "a"), ["A of day 1"]);
    drop(lock);
    // What an update left behind that was cut off is removed, and nothing else.
    fs::write(place.path().join(".new-abc"), "half").expect("room");
    fs::write(place.path().join("mine.txt"), "mine").expect("room");
    place.update(&[]).expect("written");
    assert!(place.files().contains(&"mine.txt".to_owned()) && !place.files().contains(&".new-abc".to_owned()));
    let file = place.home.path().join("file");
    fs::write(&file, "").expect("room");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let refused = runtime.block_on(update(&client(), &file, vec![local(folder.path())], Arc::new(())));
    assert!(matches!(refused, Err(Error::Unwritable { .. })));
}

#[test]
fn a_damaged_database_is_told_from_none_and_made_anew() {
    let place = Place::new();
    assert!(Database::open(&place.path()).expect("no error").is_none());
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("A.json"), advisory("A", "npm", "a", 1, "")).expect("room");
    let origin = local(folder.path());
    let first = place.update(std::slice::from_ref(&origin)).expect("written");
    let list = place.path().join("database.json");
    let sound = fs::read_to_string(&list).expect("there");
    let opened = || Database::open(&place.path()).map(|_| ()).expect_err("refused");
    let file = place.path().join(&read(&first[0]).file);
    fs::write(&file, "half").expect("room");
    assert!(matches!(opened(), Error::Damaged { .. }));
    // The folder has not changed, but what the database had of it is no more.
    read(&place.update(&[]).expect("written")[0]);
    assert_eq!(place.found("npm", "a"), ["A of day 1"]);
    fs::write(&list, &sound).expect("room");
    assert!(matches!(opened(), Error::Damaged { why, .. } if why == "the file is not there"));
    for broken in ["", "{", "[]", r#"{"form": 1}"#, &sound.replace(&read(&first[0]).file, "../../etc/passwd")] {
        fs::write(&list, broken).expect("room");
        assert!(matches!(opened(), Error::Damaged { .. }), "{broken}");
    }
    fs::write(&list, r#"{"form": 2, "sources": "otherwise"}"#).expect("room");
    assert!(matches!(opened(), Error::OtherForm { form: 2, .. }));
    assert!(place.update(&[]).expect("written").is_empty());
    place.update(&[origin]).expect("written");
    assert_eq!((place.found("npm", "a").len(), place.files().len()), (1, 3));
}

#[test]
fn what_the_user_names_is_told_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("a path");
    let kind = |typed: &str| origin_of(typed).map(|origin| origin.map(|origin| origin.kind));
    assert_eq!(kind(path), Ok(Some(Kind::Folder)));
    let file = folder.path().join("a.zip");
    fs::write(&file, Zip::default().with("A.json", advisory("A", "npm", "a", 1, "")).bytes()).expect("room");
    assert_eq!(kind(file.to_str().expect("a path")), Ok(Some(Kind::Zip)));
    assert_eq!(kind("https://mirror.example/osv"), Ok(None));
    assert_eq!(kind("https://mirror.example/osv/npm.ZIP"), Ok(Some(Kind::Url)));
    for bad in ["https://me:secret@mirror.example/a.zip", "https://mirror.example/a.zip?key=1", "https://", "no/such/path", ""] {
        assert!(kind(bad).is_err(), "{bad}");
    }
    let place = Place::new();
    place.update(&[local(&file)]).expect("written");
    assert_eq!(place.found("npm", "a"), ["A of day 1"]);
}
