//! The tokens of an app's installations: one for each owner, new before the old one expires.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Mutex as Turn;

use crate::app::App;
use crate::collect::github::installation::{self, Installed};
use crate::error::Problem;
use crate::hosts::Host;
use crate::http::{Client, Token};

/// How long a token still has to count when a repository is begun with it: a target may take ten minutes, and wait another
/// fifteen for a limit, and its token must not expire in the middle.
const LEFT: Duration = Duration::from_secs(25 * 60);
/// How many tokens that a host refused are followed by a new one.
const MOST_REFUSED: u32 = 2;

/// What is known of installations, by what they see.
#[derive(Debug, Default)]
pub(super) struct Apps(Mutex<BTreeMap<String, Arc<Place>>>);

#[derive(Debug, Default)]
struct Place {
    /// One asks for a token, and the others wait for it.
    turn: Turn<()>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    installed: Option<Installed>,
    /// Why there is none, where that will not change during the run.
    problem: Option<Problem>,
    refused: u32,
}

impl Apps {
    /// The token for an owner's repositories.
    pub(super) async fn token(&self, client: &Client, host: &Host, app: &App, owner: &str) -> Result<Token, Problem> {
        let place = self.place(&app.sees(&host.name, owner));
        let _turn = place.turn.lock().await;
        if let Some(known) = place.known(Timestamp::now()) {
            return known;
        }
        let asked = installation::token(client, host, app, owner).await;
        let mut known = place.known.lock().unwrap_or_else(PoisonError::into_inner);
        match asked {
            Ok(installed) => {
                let token = installed.token.clone();
                known.installed = Some(installed);
                Ok(token)
            }
            Err(problem) => {
                known.problem = Some(problem.clone()).filter(|problem| !matches!(problem, Problem::Failed { .. }));
                Err(problem)
            }
        }
    }

    /// Notes that the host refused a token. Tells whether a new one is worth asking for.
    pub(super) fn refuse(&self, host: &Host, app: &App, owner: &str, token: &Token) -> bool {
        let place = self.place(&app.sees(&host.name, owner));
        let mut known = place.known.lock().unwrap_or_else(PoisonError::into_inner);
        // Another one may have been faster.
        if known.installed.as_ref().is_some_and(|installed| installed.token == *token) {
            known.installed = None;
            known.refused += 1;
        }
        known.refused <= MOST_REFUSED
    }

    fn place(&self, sees: &str) -> Arc<Place> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(places.entry(sees.to_owned()).or_default())
    }
}

impl Place {
    fn known(&self, now: Timestamp) -> Option<Result<Token, Problem>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let lasts = |installed: &&Installed| Duration::try_from(installed.expires.duration_since(now)).is_ok_and(|left| left > LEFT);
        let token = known.installed.as_ref().filter(lasts).map(|installed| Ok(installed.token.clone()));
        token.or_else(|| known.problem.clone().map(Err))
    }
}
