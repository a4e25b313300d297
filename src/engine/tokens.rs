//! Which of a host's tokens a repository is asked with.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::hosts::Host;
use crate::http::{Standing, Token};

/// What a token is taken to have left that no answer has told of.
const UNTOLD: u64 = 5_000;
/// What a repository that is being asked about may still take.
const OF_ONE: i64 = 10;

/// How the tokens of all hosts are used in a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Tokens(Arc<Mutex<Uses>>);

#[derive(Debug, Default)]
struct Uses {
    /// By host, in the order of its tokens.
    of: BTreeMap<String, Vec<Use>>,
    /// Which one a repository has; only of hosts with several.
    chosen: BTreeMap<String, usize>,
}

#[derive(Clone, Debug, Default)]
struct Use {
    /// For how many repositories it is being used.
    at_work: i64,
    /// For how many it was taken so far.
    taken: u64,
    is_refused: bool,
}

/// A token that was chosen. It counts as being used for as long as this lives.
#[derive(Debug)]
pub(super) struct Chosen {
    /// The host, with this token alone.
    pub(super) host: Host,
    /// Which of the host's tokens it is.
    place: usize,
    tokens: Tokens,
}

impl Tokens {
    /// The token for a repository: the one that it had before; else of those that their host takes the one that may ask
    /// soonest, and has most left. `None` where the host refused all.
    pub(super) fn choose(&self, host: &Host, repository: &str, standing: impl Fn(&Token) -> Standing) -> Option<Chosen> {
        let all: Vec<&Token> = host.tokens().collect();
        let repository = format!("{}/{}", host.name, repository.to_lowercase());
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Uses { of, chosen } = &mut *uses;
        let of_host = of.entry(host.name.clone()).or_insert_with(|| vec![Use::default(); all.len()]);
        let is_accepted = |place: usize| of_host.get(place).is_some_and(|of_one| !of_one.is_refused);
        let rank = |place: &usize| {
            let Standing { opens_in, left } = standing(all[*place]);
            let left = i64::try_from(left.unwrap_or(UNTOLD)).unwrap_or(i64::MAX);
            (opens_in, Reverse(left.saturating_sub(OF_ONE * of_host[*place].at_work)), of_host[*place].taken)
        };
        let before = chosen.get(&repository).copied().filter(|place| is_accepted(*place));
        let place = before.or_else(|| (0..all.len()).filter(|place| is_accepted(*place)).min_by_key(rank))?;
        if all.len() > 1 {
            chosen.insert(repository, place);
        }
        of_host[place].at_work += 1;
        of_host[place].taken += 1;
        Some(Chosen { host: host.with_tokens([all[place].clone()]), place, tokens: self.clone() })
    }

    /// Notes that the host refused a token. Tells whether that is news, and whether there are others.
    pub(super) fn refuse(&self, chosen: &Chosen) -> (bool, bool) {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(of_host) = uses.of.get_mut(&chosen.host.name) else { return (false, false) };
        let is_news = !std::mem::replace(&mut of_host[chosen.place].is_refused, true);
        (is_news, of_host.iter().any(|of_one| !of_one.is_refused))
    }
}

impl Chosen {
    /// An app's token, which is one of many and takes no turns.
    pub(super) fn of_app(host: &Host, token: Token) -> Self {
        Self { host: host.with_tokens([token]), place: 0, tokens: Tokens::default() }
    }

    /// Which of the host's tokens it is, the first being 1.
    pub(super) const fn number(&self) -> usize {
        self.place + 1
    }
}

impl Drop for Chosen {
    fn drop(&mut self) {
        let mut uses = self.tokens.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of_one) = uses.of.get_mut(&self.host.name).and_then(|of_host| of_host.get_mut(self.place)) {
            of_one.at_work -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn host(tokens: &[&str]) -> Host {
        Host::github(None).with_tokens(tokens.iter().map(|token| Token::new(token).expect("a token")))
    }

    fn untold(_: &Token) -> Standing {
        Standing::default()
    }

    #[test]
    fn tokens_take_turns_and_a_repository_keeps_its_own() {
        let (tokens, host) = (Tokens::default(), host(&["a", "b", "c"]));
        let choose = |name: &str| tokens.choose(&host, name, untold).expect("one");
        let held: Vec<Chosen> = ["o/1", "o/2", "o/3", "o/4", "O/1"].into_iter().map(choose).collect();
        assert_eq!(held.iter().map(Chosen::number).collect::<Vec<_>>(), [1, 2, 3, 1, 1]);
        assert!(held.iter().all(|chosen| chosen.host.tokens().count() == 1));
        drop(held);
        // Nothing is at work; those that were taken least come first.
        assert_eq!((choose("o/5").number(), choose("o/4").number()), (2, 1));
    }

    #[test]
    fn the_one_with_most_left_that_need_not_wait_is_chosen() {
        let (tokens, host) = (Tokens::default(), host(&["used", "open", "closed"]));
        let standing = |token: &Token| match token.expose() {
            "used" => Standing { left: Some(3), opens_in: Duration::ZERO },
            "open" => Standing { left: Some(4_000), opens_in: Duration::ZERO },
            _ => Standing { left: Some(4_900), opens_in: Duration::from_secs(60) },
        };
        let all: Vec<usize> = (0..20).map(|n| tokens.choose(&host, &format!("o/{n}"), standing).expect("one").number()).collect();
        assert_eq!(all, [2; 20]);
        let soonest = |token: &Token| Standing { opens_in: Duration::from_secs(if token.expose() == "used" { 5 } else { 9 }), left: None };
        assert_eq!(tokens.choose(&host, "o/last", soonest).expect("one").number(), 1);
    }

    #[test]
    fn one_that_is_refused_is_left_out_and_that_is_news_once() {
        let (tokens, host) = (Tokens::default(), host(&["a", "b"]));
        let choose = |name: &str| tokens.choose(&host, name, untold);
        let (first, again) = (choose("o/1").expect("one"), choose("o/1").expect("one"));
        assert_eq!((tokens.refuse(&first), tokens.refuse(&again)), ((true, true), (false, true)));
        let other = choose("o/1").expect("the other");
        assert_eq!((other.number(), choose("o/2").expect("the other").number()), (2, 2));
        assert_eq!(tokens.refuse(&other), (true, false));
        assert!(choose("o/1").is_none() && choose("o/3").is_none());
    }
}
