//! Git's two requests over HTTP, and who may make them.

use super::serve;
use crate::reply::Reply;
use crate::server::Shared;
use crate::services::Asked;
use crate::state::{Found, Repo, State, Who};
use crate::world::Blocked;

/// `GET info/refs`.
pub(crate) fn advertise(shared: &Shared, state: &State, who: Who<'_>, asked: &Asked, owner: &str, name: &str) -> Reply {
    let repo = match admitted(state, who, asked, (owner, name), "info/refs") {
        Ok(repo) => repo,
        Err(refusal) => return refusal,
    };
    if asked.request.query != "service=git-upload-pack" {
        shared.ledger.surprise(format!("GET {}?{}", asked.request.path, asked.request.query));
        return plain(403, "Please upgrade your git client.");
    }
    let body = serve::advertise(repo.is, repo.git, version(asked));
    Reply::new(200, "application/x-git-upload-pack-advertisement", body).header("cache-control", "no-cache, max-age=0, must-revalidate")
}

/// `POST git-upload-pack`.
pub(crate) fn upload_pack(shared: &Shared, state: &State, who: Who<'_>, asked: &Asked, owner: &str, name: &str) -> Reply {
    let repo = match admitted(state, who, asked, (owner, name), "git-upload-pack") {
        Ok(repo) => repo,
        Err(refusal) => return refusal,
    };
    let body = match asked.request.header("content-encoding") {
        None | Some("identity") => serve::answer(repo.is, repo.git, version(asked), &asked.body),
        Some(encoding) => Err(format!("a request packed with {encoding}")),
    };
    match body {
        Ok(body) => {
            Reply::new(200, "application/x-git-upload-pack-result", body).header("cache-control", "no-cache, max-age=0, must-revalidate")
        }
        Err(why) => {
            shared.ledger.surprise(format!("POST {}: {why}", asked.request.path));
            plain(400, &why)
        }
    }
}

fn version(asked: &Asked) -> u8 {
    let said = asked.request.header("git-protocol").unwrap_or_default();
    if said.split(':').any(|word| word == "version=2") { 2 } else { 0 }
}

fn plain(status: u16, text: &str) -> Reply {
    Reply::new(status, "text/plain; charset=utf-8", text.to_owned())
}

/// The repository, or why it is not served. What is not seen does not exist; who has not said who they are is asked first.
fn admitted<'w>(state: &'w State, who: Who<'_>, asked: &Asked, (owner, name): (&str, &str), action: &str) -> Result<Repo<'w>, Reply> {
    if let Who::Wrong = who {
        return Err(plain(401, "Invalid username or token. Password authentication is not supported for Git operations.")
            .header("www-authenticate", "Basic realm=\"GitHub\""));
    }
    let found = state.find(owner, name);
    let (Some(Found::Here(repo)) | Some(Found::Moved(repo))) = found.as_ref().filter(|found| who.sees(found.repo().is)) else {
        return Err(match who {
            Who::Nobody => plain(401, "Repository not found.").header("www-authenticate", "Basic realm=\"GitHub\""),
            Who::Known(_) | Who::Wrong => plain(404, "Repository not found."),
        });
    };
    if let Some(Found::Moved(_)) = found {
        let query = if asked.request.query.is_empty() { String::new() } else { format!("?{}", asked.request.query) };
        return Err(plain(301, "").header("location", format!("http://{}/{}.git/{action}{query}", asked.host, repo.is.full_name())));
    }
    match repo.is.blocked {
        Some(Blocked::Legal) => return Err(plain(451, "Repository unavailable due to DMCA takedown.")),
        Some(Blocked::Terms) => return Err(plain(403, "Access to this repository has been disabled by GitHub staff.")),
        None => {}
    }
    if who.lacks_sso(state, &repo.is.owner) {
        return Err(plain(403, &format!("The '{owner}' organization has enabled or enforced SAML SSO.")));
    }
    Ok(*repo)
}
