//! What an owner, an organisation or a user, has.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Github;
use super::answer::Answered;
use super::document;
use super::identity::Refused;
use super::nodes::{Nodes, Page};
use crate::collect::{Listed, Listing};
use crate::error::{Error, Problem};
use crate::http::graphql::Answer;

/// How many pages of repositories are followed: a hundred thousand repositories are as many as an organisation may have.
const PAGES: usize = 1_000;
/// How many repositories a page shows: fewer where so many are too much for the host.
const SIZES: [usize; 3] = [100, 25, 5];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawRepository {
    name: String,
    #[serde(default)]
    is_archived: bool,
    #[serde(default)]
    is_fork: bool,
    #[serde(default)]
    is_empty: bool,
    #[serde(default)]
    is_disabled: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawPage {
    #[serde(flatten)]
    nodes: Nodes<RawRepository>,
    page_info: Page,
}

impl Github {
    /// Lists what an owner has, private repositories that the token sees among it.
    ///
    /// # Errors
    /// There is no such owner, it may not be seen, or the list cannot be had as a whole: a part of it would look like all.
    pub(crate) async fn list(&self, owner: &str) -> Result<Listing, Error> {
        let problem = |problem: Problem| Error::Owner { name: format!("{}/{owner}", self.host.name), problem };
        let mut listing = Listing { owner: owner.to_owned(), ..Listing::default() };
        let mut after = None;
        let mut sizes = SIZES.into_iter();
        let mut size = sizes.next().unwrap_or(1);
        for _ in 0..PAGES {
            let page = loop {
                match (self.page(owner, size, after.as_deref(), &mut listing).await, sizes.len()) {
                    (Err(Refused::TooMuch { .. }), 1..) => size = sizes.next().unwrap_or(size),
                    (page, _) => break page.map_err(|refused| problem(refused.into()))?,
                }
            };
            match page.next() {
                None => return Ok(listing),
                Some(next) if after.as_ref() == Some(&next) => {
                    return Err(problem(Problem::Failed { why: "the host shows one page of them again and again".to_owned() }));
                }
                Some(next) => after = Some(next),
            }
        }
        Err(problem(Problem::Failed { why: format!("the list does not end after {PAGES} pages") }))
    }

    async fn page(&self, owner: &str, size: usize, after: Option<&str>, listing: &mut Listing) -> Result<Page, Refused> {
        let variables =
            Map::from_iter([("login".to_owned(), owner.into()), ("first".to_owned(), size.into()), ("after".to_owned(), after.into())]);
        let answer = self.ask(&document::listing(), &variables).await.map_err(|unanswered| self.refused(unanswered))?;
        let answered = Answered::new(&self.host.name, &answer);
        if answered.value("repositoryOwner/repositories").is_null() {
            return Err(self.no_owner(&answer));
        }
        if let Value::String(login) = answered.value("repositoryOwner/login") {
            listing.owner.clone_from(login);
        }
        let page = RawPage::deserialize(answered.value("repositoryOwner/repositories"));
        let page = page.map_err(|error| Problem::Failed { why: format!("{} answered what cannot be read: {error}", self.host.name) })?;
        for repository in page.nodes.nodes {
            match repository {
                // It becomes a part of addresses.
                Some(raw) if is_name(&raw.name) => {
                    let RawRepository { name, is_archived, is_fork, is_empty, is_disabled } = raw;
                    listing.repositories.push(Listed { name, is_archived, is_fork, is_empty, is_disabled });
                }
                Some(_) | None => listing.unseen += 1,
            }
        }
        Ok(page.page_info)
    }

    /// What it means that an answer shows no owner.
    fn no_owner(&self, answer: &Answer) -> Refused {
        if answer.errors.is_empty() {
            return Problem::NoSuchOwner.into();
        }
        match self.not_shown(answer) {
            Refused::Problem(Problem::NotFound) => Problem::NoSuchOwner.into(),
            refused => refused,
        }
    }
}

/// Whether this can be the name of a repository.
fn is_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=100).contains(&name.len()) && name != "." && name != ".." && name.bytes().all(is_plain)
}
