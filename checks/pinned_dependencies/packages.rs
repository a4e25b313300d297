//! Commands of package managers: what they install, and whether that is pinned.

use std::sync::LazyLock;

use regex::Regex;

use super::Kind;
use super::nuget;
use super::words::{is_program, same};

/// What a command installs.
pub(super) struct Install {
    pub(super) kind: Kind,
    pub(super) pinned: bool,
    /// What to do instead.
    pub(super) remedy: &'static str,
}

fn regex(expression: &str) -> Regex {
    Regex::new(expression).expect("the expressions are written below and tested")
}

/// What a command installs, if it is one of a package manager.
pub(super) fn install(words: &[&str]) -> Option<Install> {
    let program = words.first()?;
    go(program, words)
        .or_else(|| pip(program, words))
        .or_else(|| npm(program, words))
        .or_else(|| choco(program, words))
        .or_else(|| nuget::install(words))
}

/// What is so.
pub(super) fn message(words: &[&str], install: &Install) -> String {
    let program = words[0];
    let does_not = match install.kind {
        _ if install.pinned => return format!("{program} pins what it installs"),
        Kind::Go => "does not name an exact version of what it installs",
        Kind::Pip => "does not check what it installs by hashes",
        Kind::Npm => "does not install exactly what a lock file names",
        Kind::Choco => "does not demand checksums of what it installs",
        _ => "does not hold what it installs to exact versions",
    };
    match install.kind {
        Kind::Go => format!("{program} {} {does_not}", words[1]),
        Kind::Pip if !is_program(program, "pip") && !is_program(program, "pip3") => format!("{program} -m pip {does_not}"),
        _ => format!("{program} {does_not}"),
    }
}

static PACKAGE: LazyLock<Regex> = LazyLock::new(|| regex(r"[0-9A-Za-z_]+\.[0-9A-Za-z_]+/[0-9A-Za-z_]+"));
static HASH: LazyLock<Regex> = LazyLock::new(|| regex(r"^[A-Fa-f0-9]{40,}$"));
static RELEASE: LazyLock<Regex> = LazyLock::new(|| regex(r"^v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$"));

fn go(program: &str, words: &[&str]) -> Option<Install> {
    if !is_program(program, "go") || words.len() < 3 || !matches!(words[1], "get" | "install") {
        return None;
    }
    let remedy = if words[1] == "get" || words[2..].iter().any(|word| word.contains('@')) {
        "Name each package with a whole version or a commit: `go install example.org/tool@v1.2.3`, which the checksum database then holds to its \
         content."
    } else {
        "Without a version go takes the one in go.mod, which go.sum holds to its content; ossf/scorecard does not see that. Outside of a module, \
         name a whole version or a commit: `go install example.org/tool@v1.2.3`."
    };
    Some(Install { kind: Kind::Go, pinned: go_is_pinned(&words[2..]), remedy })
}

fn go_is_pinned(words: &[&str]) -> bool {
    let (mut insecure, mut found) = (false, false);
    for word in words {
        match *word {
            "-insecure" => insecure = true,
            "-d" | "-f" | "-t" | "-u" | "-v" | "-fix" => {}
            // A folder, or a flag that is not known.
            package if !PACKAGE.is_match(package) => return true,
            package => {
                found = true;
                let mut parts = package.split('@');
                let (Some(_), Some(version), None) = (parts.next(), parts.next(), parts.next()) else { continue };
                if version == "none" || HASH.is_match(version) || (!insecure && RELEASE.is_match(version)) {
                    return true;
                }
            }
        }
    }
    // The reference takes a flag at the end for the end of the packages.
    !found || words.last().is_some_and(|last| matches!(*last, "-insecure" | "-d" | "-f" | "-t" | "-u" | "-v" | "-fix"))
}

static FLAG: LazyLock<Regex> = LazyLock::new(|| regex(r"^(--?[0-9A-Za-z_]+)+$"));
static GIT: LazyLock<Regex> = LazyLock::new(|| regex(r"^git(\+(https?|ssh|git))?://.*(.git)?@[a-fA-F0-9]{40}(#egg=.*)?$"));

fn pip(program: &str, words: &[&str]) -> Option<Install> {
    let (arguments, pinned) =
        if (is_program(program, "pip") || is_program(program, "pip3")) && words.get(1).is_some_and(|word| same(word, "install")) {
            (&words[2..], pip_is_pinned(&words[2..]))
        } else if ["python", "python3", "python2.7"].iter().any(|name| is_program(program, name)) {
            let at = words.windows(3).position(|three| same(three[0], "-m") && same(three[1], "pip") && same(three[2], "install"))?;
            (&words[at + 3..], pip_is_pinned(&words[at + 3..]))
        } else {
            return None;
        };
    // Folders have no hash, and pip refuses them beside hashes.
    let folder = arguments.iter().any(|word| word.starts_with('.') || matches!(*word, "-e" | "--editable"));
    let remedy = if arguments.iter().any(|word| same(word, "--no-index")) {
        "Name the wheels alone, as in `pip install dist/PACKAGE.whl`: with `--no-index` nothing is fetched from an index, but ossf/scorecard does \
         not see that."
    } else if folder {
        "Write what the project needs, with hashes, into a file: `pip-compile --generate-hashes --output-file requirements.lock pyproject.toml`. \
         Install that with `pip install --require-hashes -r requirements.lock`, and then the project alone with `pip install --no-deps -e .`."
    } else {
        "Name the packages in a file requirements.in, and write them and all that they need, with hashes, into another: `pip-compile \
         --generate-hashes --output-file requirements.lock requirements.in`. Install with `pip install --require-hashes -r requirements.lock`."
    };
    Some(Install { kind: Kind::Pip, pinned, remedy })
}

fn pip_is_pinned(words: &[&str]) -> bool {
    let (mut no_deps, mut editable, mut wheel, mut other, mut sources) = (false, false, false, false, true);
    let mut hashes = false;
    for word in words {
        if same(word, "--no-deps") {
            no_deps = true;
        } else if matches!(*word, "-e" | "--editable") {
            editable = true;
        } else if same(word, "--require-hashes") {
            hashes = true;
            break;
        } else if FLAG.is_match(word) {
        } else if word.ends_with(".whl") {
            wheel = true;
        } else if editable {
            let local = !["git", "svn", "hg", "bzr"].iter().any(|scheme| word.starts_with(scheme));
            sources &= local || GIT.is_match(word);
        } else {
            other = true;
        }
    }
    if editable { no_deps && sources } else { hashes || (wheel && !other) }
}

fn npm(program: &str, words: &[&str]) -> Option<Install> {
    let verbs = ["install", "i", "install-test", "update", "ci"];
    if !is_program(program, "npm") || !words[1..].iter().any(|word| verbs.iter().any(|verb| same(word, verb))) {
        return None;
    }
    let remedy = "Commit package-lock.json and install with `npm ci`, which takes exactly what it names. For a tool, add it to the project with \
                  `npm install --save-dev TOOL@VERSION`, and run it with `npx` after `npm ci`.";
    Some(Install { kind: Kind::Npm, pinned: npm_is_pinned(&words[1..]), remedy })
}

fn npm_is_pinned(words: &[&str]) -> bool {
    for word in words {
        if same(word, "ci") {
            return true;
        }
        if ["github:", "git://", "git+http://", "git+https://"].iter().any(|source| word.starts_with(source)) {
            let mut parts = word.split('#');
            let (Some(_), Some(hash), None) = (parts.next(), parts.next(), parts.next()) else { return false };
            if hash.len() == 40 && HASH.is_match(hash) {
                return true;
            }
        }
    }
    false
}

fn choco(program: &str, words: &[&str]) -> Option<Install> {
    if !(is_program(program, "choco") || is_program(program, "choco.exe")) || !words.get(1).is_some_and(|word| same(word, "install")) {
        return None;
    }
    let checks = ["--requirechecksum", "--requirechecksums", "--require-checksums"];
    let pinned = words[1..].iter().any(|word| {
        let flag = word.split('=').next().unwrap_or(word);
        checks.iter().any(|check| same(flag, check))
    });
    let remedy = "Let Chocolatey refuse packages without checksums: `choco install --require-checksums PACKAGE --version VERSION`.";
    Some(Install { kind: Kind::Choco, pinned, remedy })
}
