//! Tokens of a GitHub App: which of its installations is for an owner, and a token for that.
//!
//! The interface: <https://docs.github.com/rest/apps>.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION};
use http::{Method, Request, Response, StatusCode};
use jiff::Timestamp;
use serde::Deserialize;

use super::answer::shown;
use super::rest::escaped;
use crate::app::App;
use crate::error::Problem;
use crate::hosts::Host;
use crate::http::{Client, Service, Token};

/// The longest answer that is read, in bytes.
const LONGEST: usize = 1 << 20;

/// A token of an installation.
#[derive(Clone, Debug)]
pub(crate) struct Installed {
    pub(crate) token: Token,
    pub(crate) expires: Timestamp,
}

#[derive(Deserialize)]
struct RawInstallation {
    id: u64,
}

#[derive(Deserialize)]
struct RawToken {
    token: String,
    expires_at: Timestamp,
}

#[derive(Deserialize, Default)]
struct Refusal {
    #[serde(default)]
    message: String,
}

/// A new token for what the app may see of an owner's repositories.
pub(crate) async fn token(client: &Client, host: &Host, app: &App, owner: &str) -> Result<Installed, Problem> {
    let asking = Asking { client, host, app };
    let installation = match app.installation() {
        Some(installation) => installation,
        None => asking.of_owner(owner).await?,
    };
    let answer = asking.send(Method::POST, &format!("/app/installations/{installation}/access_tokens")).await?;
    if answer.status() == StatusCode::NOT_FOUND {
        return Err(Problem::NoInstallation { app: app.id().to_owned(), installation });
    }
    let raw: RawToken = asking.read(&answer)?;
    let token = Token::new(raw.token).map_err(|_| asking.failed("no token".to_owned()))?;
    Ok(Installed { token: token.seeing(&app.sees(&host.name, owner)), expires: raw.expires_at })
}

/// An app before its host.
struct Asking<'a> {
    client: &'a Client,
    host: &'a Host,
    app: &'a App,
}

impl Asking<'_> {
    /// The installation at an owner, a person or an organisation.
    async fn of_owner(&self, owner: &str) -> Result<u64, Problem> {
        let answer = self.send(Method::GET, &format!("/users/{}/installation", escaped(owner))).await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Err(Problem::NotInstalled { app: self.app.id().to_owned(), owner: owner.to_owned() });
        }
        let RawInstallation { id } = self.read(&answer)?;
        Ok(id)
    }

    async fn send(&self, method: Method, path: &str) -> Result<Response<Bytes>, Problem> {
        let proof = self.app.proof(Timestamp::now()).ok_or_else(|| self.refused("its key cannot sign".to_owned()))?;
        let request = Request::builder().method(method).uri(format!("{}{path}", self.host.api));
        let request = request.header(ACCEPT, "application/vnd.github+json").header(AUTHORIZATION, proof.header()).body(Bytes::new());
        let request = request.map_err(|_| Problem::Failed { why: format!("{} cannot be asked at this address", self.host.name) })?;
        let answer = self.client.send(Service::Rest, request, LONGEST).await;
        let answer = answer.map_err(|failure| Problem::Failed { why: failure.to_string() })?;
        let said = || {
            let Refusal { message } = serde_json::from_slice(answer.body()).unwrap_or_default();
            shown(&proof.masked(&message))
        };
        match answer.status() {
            status if status.is_success() || status == StatusCode::NOT_FOUND => Ok(answer),
            StatusCode::UNAUTHORIZED => Err(self.refused(said())),
            StatusCode::FORBIDDEN => Err(Problem::Forbidden { why: said() }),
            status => Err(self.failed(format!("{}: {}", status.as_u16(), said()))),
        }
    }

    fn read<T: serde::de::DeserializeOwned>(&self, answer: &Response<Bytes>) -> Result<T, Problem> {
        // Without the words of the error: there may be a token in what it cites.
        serde_json::from_slice(answer.body()).map_err(|_| self.failed("what cannot be read, where the app is installed".to_owned()))
    }

    fn failed(&self, what: String) -> Problem {
        Problem::Failed { why: format!("{} answered {what}", self.host.name) }
    }

    fn refused(&self, why: String) -> Problem {
        Problem::BadApp { host: self.host.name.clone(), app: self.app.id().to_owned(), why }
    }
}
