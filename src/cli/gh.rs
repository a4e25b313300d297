//! A token from GitHub's own program, `gh auth token`.

use std::env;
use std::ffi::OsStr;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::error::{Error, NoTokenFromGh};
use crate::hosts::{GITHUB, Hosts};
use crate::http::Token;

/// How long it may take: it may ask somebody to unlock a store of passwords.
const LONGEST: Duration = Duration::from_secs(60);
/// The longest output that is read.
const MOST: u64 = 4 << 10;
/// What it would answer with instead of what it keeps itself.
const VARIABLES: [&str; 4] = ["GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"];

/// Takes the tokens of the hosts that are known from it, in place of those in variables: that of the host of bare names,
/// and that of github.com if there is one. It is not looked for in the folders that are to be scored.
pub(super) fn take_tokens<'a>(hosts: &mut Hosts, targets: impl Iterator<Item = &'a OsStr>) -> Result<(), Error> {
    let scanned: Vec<PathBuf> = targets.filter_map(|target| Path::new(target).canonicalize().ok()).collect();
    let first = hosts.default_name().to_owned();
    let refused = |why| Error::NoTokenFromGh { host: first.clone(), why };
    let gh = find(env::var_os("PATH").as_deref(), &scanned).ok_or_else(|| refused(NoTokenFromGh::NoGh))?;
    let token = ask(&gh, &first).map_err(refused)?;
    hosts.set_token(&first, token);
    if first != GITHUB
        && let Ok(token) = ask(&gh, GITHUB)
    {
        hosts.set_token(GITHUB, token);
    }
    Ok(())
}

/// Where it is: in a folder of `PATH` that is named in full and stands in none of these folders.
fn find(path: Option<&OsStr>, scanned: &[PathBuf]) -> Option<PathBuf> {
    env::split_paths(path?).filter(|folder| folder.is_absolute()).find_map(|folder| {
        let gh = folder.join("gh");
        let (there, real) = (folder.canonicalize().ok()?, gh.canonicalize().ok()?);
        let is_scanned = scanned.iter().any(|scanned| there.starts_with(scanned) || real.starts_with(scanned));
        let metadata = real.metadata().ok()?;
        (!is_scanned && metadata.is_file() && metadata.permissions().mode() & 0o111 != 0).then_some(gh)
    })
}

fn ask(gh: &Path, host: &str) -> Result<Token, NoTokenFromGh> {
    let failed = |why: &dyn std::fmt::Display| NoTokenFromGh::Failed { why: why.to_string() };
    let mut command = Command::new(gh);
    // Within no repository, whose configuration could have a say.
    command.args(["auth", "token", "--hostname", host]).current_dir("/").env("GH_PROMPT_DISABLED", "1");
    VARIABLES.iter().for_each(|name| _ = command.env_remove(name));
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(|error| failed(&error))?;
    let read = read(&mut child);
    if read.is_none() {
        // It may have ended by itself.
        let _ = child.kill();
    }
    let status = child.wait().map_err(|error| failed(&error))?;
    let text = read.ok_or_else(|| failed(&"it took too long, or wrote too much"))?;
    if !status.success() {
        return Err(NoTokenFromGh::NotLoggedIn);
    }
    Token::new(text).map_err(|error| failed(&error))
}

/// What it writes until it closes its output; `None` where that takes too long, or is too much.
fn read(child: &mut Child) -> Option<String> {
    let out = child.stdout.take()?;
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        let read = out.take(MOST + 1).read_to_string(&mut text);
        // Nobody waits for it any more.
        let _ = sender.send(read.map(|_| text));
    });
    let text = receiver.recv_timeout(LONGEST).ok()?.ok()?;
    (text.len() as u64 <= MOST).then_some(text)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn it_is_found_in_full_folders_outside_of_what_is_scanned() {
        let folder = tempfile::tempdir().expect("a folder");
        let make = |name: &str, mode: u32| {
            let bin = folder.path().join(name);
            fs::create_dir_all(&bin).expect("a folder");
            fs::write(bin.join("gh"), "").expect("written");
            fs::set_permissions(bin.join("gh"), fs::Permissions::from_mode(mode)).expect("set");
            bin
        };
        let (plain, scanned, good) = (make("plain", 0o644), make("repo/bin", 0o755), make("good", 0o755));
        let linked = folder.path().join("linked");
        std::os::unix::fs::symlink(&scanned, &linked).expect("a link");
        let repo = [folder.path().join("repo").canonicalize().expect("there")];
        let path = |folders: &[&Path]| env::join_paths(folders).expect("a path");
        let all = path(&[Path::new("good"), Path::new(""), &plain, &scanned, &linked, &good]);
        assert_eq!(find(Some(&all), &repo), Some(good.join("gh")));
        assert_eq!(find(Some(&all), &[]), Some(scanned.join("gh")));
        assert_eq!(find(Some(&path(&[Path::new("."), &plain, &linked])), &repo), None);
        assert_eq!(find(None, &[]), None);
    }
}
