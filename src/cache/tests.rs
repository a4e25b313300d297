//! Commits and answers that are kept, used by many at once, damaged, and thrown away.

use std::time::{Duration, SystemTime};

use super::*;
use crate::http::testing::Reply;
use crate::http::testing::{Server, client};
use crate::transfer::tests::{answer, reply, sample};

/// A host with one commit at every address, a cache, and the place of both.
struct Setting {
    server: Server,
    commit: String,
    folder: TempDir,
    client: Client,
}

impl Setting {
    fn new() -> Self {
        let (commit, pack) = sample();
        let body = answer(&commit, &pack);
        let server = Server::start(move |_, _| reply("application/x-git-upload-pack-result", &body));
        Self { server, commit, folder: tempfile::tempdir().expect("a folder"), client: client() }
    }

    fn settings(&self) -> CacheSettings {
        let temporary = self.folder.path().join("tmp");
        fs::create_dir_all(&temporary).expect("a folder");
        CacheSettings::new(Some(self.folder.path().join("cache")), temporary)
    }

    fn cache(&self) -> Cache {
        Cache::open(self.settings())
    }

    fn source(&self, name: &str) -> GitSource {
        GitSource::new(&self.server.url(&format!("/o/{name}")), None).expect("a source")
    }

    async fn get(&self, cache: &Cache, name: &str) -> Checkout {
        let checkout = cache.commit(&self.client, &self.source(name), &self.commit).await.expect("a commit");
        assert!(transfer::holds(checkout.path(), &self.commit));
        checkout
    }

    fn asked(&self) -> usize {
        self.server.seen().len()
    }

    fn new_entries(&self) -> usize {
        fs::read_dir(self.folder.path().join("cache/v1/new")).expect("a folder").count()
    }

    fn temporaries(&self) -> usize {
        fs::read_dir(self.folder.path().join("tmp")).expect("a folder").count()
    }
}

/// Every file below, with its mode.
fn modes(folder: &Path) -> Vec<(PathBuf, u32)> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut found = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(folder) = left.pop() {
        for below in fs::read_dir(&folder).expect("a folder") {
            let below = below.expect("an entry");
            let metadata = below.metadata().expect("known");
            if metadata.is_dir() {
                left.push(below.path());
            }
            found.push((below.path(), metadata.permissions().mode() & 0o777));
        }
    }
    found
}

#[tokio::test]
async fn a_commit_is_transferred_once_and_kept_privately() {
    let setting = Setting::new();
    let cache = setting.cache();
    let first = setting.get(&cache, "r").await;
    assert!(!first.from_cache() && first.note().is_none());
    let again = setting.get(&cache, "r").await;
    assert!(again.from_cache() && again.note().is_none());
    assert_eq!(first.path(), again.path());
    drop((first, again));
    assert!(setting.get(&setting.cache(), "r").await.from_cache());
    assert_eq!(setting.asked(), 1);
    cache.put("badge", "key", b"answer").expect("kept");
    for (path, mode) in modes(&setting.folder.path().join("cache/v1")) {
        assert_eq!(mode & 0o077, 0, "{}: {mode:o}", path.display());
    }
    assert_eq!((setting.new_entries(), setting.temporaries()), (0, 0));
}

#[tokio::test]
async fn many_may_want_the_same_at_once() {
    let setting = Arc::new(Setting::new());
    let wanted: Vec<_> = (0..12)
        .map(|n| {
            let setting = setting.clone();
            // Some of them are other processes.
            let cache = setting.cache();
            tokio::spawn(async move { setting.get(&cache, if n % 3 == 0 { "other" } else { "r" }).await })
        })
        .collect();
    for checkout in wanted {
        let checkout = checkout.await.expect("no panic");
        assert!(checkout.note().is_none());
        assert!(checkout.path().starts_with(setting.folder.path().join("cache/v1/git")));
    }
    assert_eq!((setting.new_entries(), setting.temporaries()), (0, 0));
    let before = setting.asked();
    assert!(setting.get(&setting.cache(), "r").await.from_cache());
    assert_eq!(setting.asked(), before);
}

#[tokio::test]
async fn what_was_not_used_for_longest_goes_and_what_is_in_use_stays() {
    let setting = Setting::new();
    let size: u64 = {
        let checkout = setting.get(&setting.cache(), "a").await;
        let pack = fs::read_dir(checkout.path().join("objects/pack")).expect("a folder");
        pack.map(|file| file.expect("a file").metadata().expect("known").len()).sum()
    };
    let place = |name: &str| name::of_commit(&setting.folder.path().join("cache/v1"), &setting.source(name), &setting.commit);
    let age = |name: &str, hours: u64| {
        let then = SystemTime::now() - Duration::from_secs(hours * 3_600);
        File::open(place(name).join(entry::ENTRY)).expect("an entry").set_modified(then).expect("set");
    };
    for name in ["b", "c"] {
        setting.get(&setting.cache(), name).await;
    }
    age("a", 3);
    age("b", 2);
    age("c", 1);
    // Room for two and a half, after a tenth more was made free.
    let cache = Cache::open(CacheSettings { most: size * 28 / 10, ..setting.settings() });
    let used = setting.get(&cache, "a").await;
    age("a", 9);
    setting.get(&cache, "d").await;
    let there = || ["a", "b", "c", "d"].into_iter().filter(|name| place(name).exists()).collect::<Vec<_>>();
    assert_eq!(there(), ["a", "d"]);
    drop(used);
    age("d", 1);
    setting.get(&cache, "e").await;
    assert_eq!(there(), ["d"]);
    assert!(place("e").exists() && !place("a").parent().expect("a folder").exists());
    assert_eq!(setting.new_entries(), 0);
}

#[tokio::test]
async fn a_private_commit_is_kept_for_its_token_alone() {
    let setting = Setting::new();
    let cache = setting.cache();
    let source = |token: Option<&str>| {
        let token = token.map(|token| crate::http::Token::new(token).expect("a token"));
        GitSource::new(&setting.server.url("/o/r"), token).expect("a source")
    };
    let from_cache =
        async |source: &GitSource| cache.commit(&setting.client, source, &setting.commit).await.expect("a commit").from_cache();
    let is_kept = async |source: &GitSource| cache.kept(source, &setting.commit).await.is_some();
    let private = source(Some("ghp_mine")).private();
    assert!(!from_cache(&private).await && from_cache(&private).await);
    // Without asking nobody knows whether it is private.
    assert!(is_kept(&private).await && is_kept(&source(Some("ghp_mine"))).await);
    for other in [source(None), source(None).private(), source(Some("ghp_theirs")), source(Some("ghp_theirs")).private()] {
        assert!(!is_kept(&other).await, "{other:?}");
    }
    assert!(!from_cache(&source(Some("ghp_theirs")).private()).await);
    assert!(modes(&setting.folder.path().join("cache")).iter().all(|(path, _)| !path.to_string_lossy().contains("ghp_")));
    // What was public is for everybody.
    assert!(!from_cache(&source(Some("ghp_mine"))).await && from_cache(&source(None)).await && is_kept(&source(None)).await);
    assert_eq!(contents(&setting.folder.path().join("cache")).expect("read").commits, 3);
}

#[tokio::test]
async fn it_is_emptied_but_for_what_is_in_use() {
    let setting = Setting::new();
    let folder = setting.folder.path().join("cache");
    assert_eq!(contents(&folder).expect("read"), Contents::default());
    assert_eq!(clear(&folder).expect("cleared").removed, Contents::default());
    assert!(!folder.exists());
    let cache = setting.cache();
    let used = setting.get(&cache, "a").await;
    let one = contents(&folder).expect("read");
    assert!(one.commits == 1 && one.answers == 0 && one.bytes > 0, "{one:?}");
    // A repository whose name is that of the file in which an entry has its lock.
    setting.get(&cache, "entry").await;
    cache.put("badge", "key", b"answer").expect("kept");
    let all = contents(&folder).expect("read");
    assert!(all.commits == 2 && all.answers == 1 && all.bytes > 2 * one.bytes, "{all:?}");
    let Cleared { removed, in_use } = clear(&folder).expect("cleared");
    assert_eq!((in_use, removed.commits, removed.answers, removed.bytes), (one, 1, 1, all.bytes - one.bytes));
    assert!(transfer::holds(used.path(), &setting.commit));
    drop(used);
    assert_eq!(clear(&folder).expect("cleared").removed, one);
    assert_eq!(contents(&folder).expect("read"), Contents::default());
    assert_eq!(setting.new_entries(), 0);
    // A run that goes on works on.
    assert!(!setting.get(&cache, "a").await.from_cache());
    assert!(setting.get(&cache, "a").await.from_cache());
}

#[tokio::test]
async fn what_is_damaged_or_of_another_form_is_fetched_anew() {
    let setting = Setting::new();
    let cache = setting.cache();
    let path = setting.get(&cache, "r").await.path().to_owned();
    let pack = |ending: &str| {
        let mut files = fs::read_dir(path.join("objects/pack")).expect("a folder").map(|file| file.expect("a file").path());
        files.find(|path| path.to_string_lossy().ends_with(ending)).expect("a file")
    };
    let write = |path: PathBuf, bytes: &[u8]| {
        // libgit2 makes its files read-only.
        fs::remove_file(&path).expect("removed");
        fs::write(path, bytes).expect("written");
    };
    type Damage<'a> = (&'static str, Box<dyn Fn() + 'a>);
    let damages: [Damage<'_>; 8] = [
        ("a pack that is cut", Box::new(|| write(pack(".pack"), b"PACK"))),
        (
            "an index that is none",
            Box::new(|| {
                let length = fs::metadata(pack(".idx")).expect("known").len();
                write(pack(".idx"), &vec![0; usize::try_from(length).expect("short")]);
            }),
        ),
        ("no pack", Box::new(|| fs::remove_file(pack(".pack")).expect("removed"))),
        ("no objects", Box::new(|| fs::remove_dir_all(path.join("objects")).expect("removed"))),
        ("another form", Box::new(|| fs::write(path.join(entry::ENTRY), "carat v9\nend\n").expect("written"))),
        ("an empty stamp", Box::new(|| fs::write(path.join(entry::ENTRY), "").expect("written"))),
        ("no stamp", Box::new(|| fs::remove_file(path.join(entry::ENTRY)).expect("removed"))),
        (
            "a file in its place",
            Box::new(|| {
                fs::remove_dir_all(&path).expect("removed");
                fs::write(&path, "x").expect("written");
            }),
        ),
    ];
    for (what, damage) in damages {
        damage();
        let before = setting.asked();
        let checkout = setting.get(&cache, "r").await;
        assert!(!checkout.from_cache() && setting.asked() == before + 1, "{what}");
        assert_eq!((checkout.path(), checkout.note()), (&*path, None), "{what}");
        drop(checkout);
        assert!(setting.get(&cache, "r").await.from_cache(), "{what}");
    }
    assert_eq!((setting.new_entries(), setting.temporaries()), (0, 0));
}

#[tokio::test]
async fn without_a_cache_it_works_on_and_says_so_where_one_was_wanted() {
    let setting = Setting::new();
    let none = Cache::open(CacheSettings { folder: None, ..setting.settings() });
    let checkout = setting.get(&none, "r").await;
    assert_eq!((checkout.note(), checkout.from_cache(), setting.temporaries()), (None, false, 1));
    drop(checkout);
    none.put("badge", "key", b"answer").expect("nothing to do");
    assert_eq!(none.get("badge", "key", Duration::MAX), None);
    // A file where the folder should be; and one that comes there in the middle.
    let file = setting.folder.path().join("file");
    fs::write(&file, "x").expect("a file");
    let blocked = Cache::open(CacheSettings { folder: Some(file.join("cache")), ..setting.settings() });
    let broken = setting.cache();
    let new = setting.folder.path().join("cache/v1/new");
    fs::remove_dir(&new).expect("removed");
    fs::write(&new, "x").expect("a file");
    for cache in [blocked, broken] {
        let checkout = setting.get(&cache, "r").await;
        assert!(checkout.note().is_some_and(|note| note.contains("cannot be used")), "{checkout:?}");
        assert!(checkout.path().starts_with(setting.folder.path().join("tmp")));
    }
    assert_eq!(setting.temporaries(), 0);
    fs::remove_dir_all(setting.folder.path().join("tmp")).expect("removed");
    let failed = none.commit(&setting.client, &setting.source("r"), &setting.commit).await;
    assert!(matches!(failed, Err(FetchError::Disk(_))));
    assert!(matches!(none.commit(&setting.client, &setting.source("r"), "../x").await, Err(FetchError::NoCommitId)));
}

#[tokio::test]
async fn a_fetch_that_is_cut_off_or_fails_leaves_nothing_in_its_place() {
    let setting = Setting::new();
    let cache = setting.cache();
    let (commit, pack) = sample();
    let body = answer(&commit, &pack);
    let cut = Server::start(move |_, _| reply("application/x-git-upload-pack-result", &body).cut(40).stalling());
    let source = GitSource::new(&cut.url("/o/r"), None).expect("a source");
    let place = name::of_commit(&setting.folder.path().join("cache/v1"), &source, &commit);
    let interrupted = tokio::time::timeout(Duration::from_millis(300), cache.commit(&setting.client, &source, &commit)).await;
    assert!(interrupted.is_err());
    assert!(!place.exists() && !place.parent().expect("a folder").exists());
    let gone = Server::start(|_, _| Reply::new(404, &[], ""));
    let source = GitSource::new(&gone.url("/o/r"), None).expect("a source");
    assert!(matches!(cache.commit(&setting.client, &source, &commit).await, Err(FetchError::NotFound)));
    // Nothing of it is taken for a commit later on.
    assert!(!setting.get(&setting.cache(), "r").await.from_cache());
}

#[tokio::test]
async fn what_killed_runs_left_behind_is_removed_after_an_hour() {
    let setting = Setting::new();
    drop(setting.cache());
    let new = setting.folder.path().join("cache/v1/new");
    let make = |name: &str, hours: u64| {
        fs::create_dir_all(new.join(name).join("objects")).expect("a folder");
        fs::write(new.join(name).join(entry::ENTRY), "").expect("a file");
        let then = SystemTime::now() - Duration::from_secs(hours * 3_600);
        File::open(new.join(name)).expect("a folder").set_modified(then).expect("set");
    };
    make("git-young", 0);
    make("git-old", 2);
    make("git-old-in-use", 2);
    let in_use = File::open(new.join("git-old-in-use").join(entry::ENTRY)).expect("a file");
    in_use.try_lock_shared().expect("nobody has it");
    let names = || {
        let mut names: Vec<_> = fs::read_dir(&new).expect("a folder").map(|left| left.expect("one").file_name()).collect();
        names.sort();
        names
    };
    drop(setting.cache());
    assert_eq!(names(), ["git-old-in-use", "git-young"]);
    drop(in_use);
    drop(setting.cache());
    assert_eq!(names(), ["git-young"]);
}

#[tokio::test]
async fn answers_are_kept_for_a_while() {
    let setting = Setting::new();
    let cache = setting.cache();
    let (day, key) = (Duration::from_secs(86_400), "https://a.example/?x=1\ny");
    assert_eq!(cache.get("badge", key, day), None);
    cache.put("badge", key, b"one").expect("kept");
    cache.put("badge", key, b"two\nlines").expect("kept");
    cache.put("oss-fuzz", key, b"").expect("kept");
    assert_eq!(setting.cache().get("badge", key, day).as_deref(), Some(&b"two\nlines"[..]));
    assert_eq!(cache.get("oss-fuzz", key, day).as_deref(), Some(&b""[..]));
    assert_eq!(cache.get("badge", "another", day), None);
    let file = name::of_answer(&setting.folder.path().join("cache/v1"), "badge", key);
    let touch = |time| File::options().write(true).open(&file).expect("a file").set_modified(time).expect("set");
    touch(SystemTime::now() - Duration::from_secs(100_000));
    assert_eq!(cache.get("badge", key, day), None);
    assert!(cache.get("badge", key, 2 * day).is_some());
    touch(SystemTime::now() + Duration::from_secs(100_000));
    assert_eq!(cache.get("badge", key, day), None);
    for damaged in [&b""[..], b"\n", b"carat v1 9 other\ntwo\nlines", b"carat v1 9 "] {
        fs::write(&file, damaged).expect("written");
        assert_eq!(cache.get("badge", key, day), None);
    }
    // They count, and go, as everything else.
    let small = Cache::open(CacheSettings { most: 1_000, ..setting.settings() });
    for n in 0..20 {
        small.put("badge", &n.to_string(), &[0; 200]).expect("kept");
    }
    let left = (0..20).filter(|n: &i32| small.get("badge", &n.to_string(), day).is_some()).count();
    assert!((1..5).contains(&left), "{left}");
}

#[tokio::test]
async fn what_hosts_answered_is_kept_within_the_bounds() {
    use crate::http::Answers;
    let setting = Setting::new();
    let cache = Cache::open(CacheSettings { most: 10_000, ..setting.settings() });
    let asked: &dyn Answers = &cache;
    let place = |key: &str| name::of_answer(&setting.folder.path().join("cache/v1"), "asked", key);
    let age = |key: &str, hours: u64| {
        let then = SystemTime::now() - Duration::from_secs(hours * 3_600);
        File::open(place(key)).expect("it is there").set_modified(then).expect("set");
    };
    assert_eq!(asked.get("a"), None);
    for (key, hours) in [("a", 5), ("b", 4), ("c", 3)] {
        asked.put(key, &[b'x'; 3_000]);
        age(key, hours);
    }
    // However old it is, and it is young again then.
    assert_eq!(asked.get("a").map(|answer| answer.len()), Some(3_000));
    asked.put("d", &[b'x'; 3_000]);
    assert_eq!([asked.get("a"), asked.get("b"), asked.get("d")].map(|answer| answer.is_some()), [true, false, true]);
    // One that is of no use is none, and what cannot be written is not there.
    fs::write(place("a"), "carat v1 9 a\nx").expect("written");
    assert_eq!(asked.get("a"), None);
    let none = Cache::open(CacheSettings { folder: None, ..setting.settings() });
    Answers::put(&none, "a", b"x");
    assert_eq!(Answers::get(&none, "a"), None);
    fs::remove_dir_all(setting.folder.path().join("cache")).expect("removed");
    asked.put("e", b"x");
    assert_eq!(asked.get("e"), None);
}
