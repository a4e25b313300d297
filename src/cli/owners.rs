//! `--org`: what organisations and users own.

use std::collections::BTreeMap;

use super::args::Score;
use super::targets::Targets;
use crate::engine::{Session, repositories};
use crate::error::Error;
use crate::target::{Owner, Target};

/// What of an owner is not scored, and why: how many for each reason.
pub(super) struct LeftOut {
    owner: String,
    reasons: BTreeMap<Reason, usize>,
}

/// Why a repository is left out. Of several reasons the first counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    Unseen,
    Disabled,
    Empty,
    Archived,
    Fork,
}

impl LeftOut {
    /// How many are left out.
    pub(super) fn count(&self) -> usize {
        self.reasons.values().sum()
    }

    /// Which.
    pub(super) fn note(&self) -> String {
        let each = self.reasons.iter().map(|(reason, count)| {
            let kind = match reason {
                Reason::Unseen => "that the token may not see",
                Reason::Disabled => "disabled by the host",
                Reason::Empty => "empty",
                Reason::Archived => "archived (--archived adds them)",
                Reason::Fork => "forks (--forks adds them)",
            };
            format!("{count} {kind}")
        });
        format!("left out of {}: {}", self.owner, each.collect::<Vec<_>>().join(", "))
    }
}

/// Adds to the targets what the owners have whom the user named.
///
/// # Errors
/// One of them cannot be listed: that is known before any work.
pub(super) async fn add(session: &Session, owners: &[Owner], arguments: &Score, targets: &mut Targets) -> Result<(), Error> {
    for owner in owners {
        let listing = repositories(session, owner).await?;
        let owner = Owner { host: owner.host.clone(), name: listing.owner };
        let mut left_out = LeftOut { owner: owner.full_name(), reasons: BTreeMap::new() };
        let mut leave = |reason, count: usize| *left_out.reasons.entry(reason).or_default() += count;
        if listing.unseen > 0 {
            leave(Reason::Unseen, listing.unseen);
        }
        for listed in listing.repositories {
            let reason = match () {
                () if listed.is_disabled => Reason::Disabled,
                () if listed.is_empty => Reason::Empty,
                () if listed.is_archived && !arguments.archived => Reason::Archived,
                () if listed.is_fork && !arguments.forks => Reason::Fork,
                () => {
                    targets.add_remote(Target::Remote(owner.repository(&listed.name)));
                    continue;
                }
            };
            leave(reason, 1);
        }
        if left_out.count() > 0 {
            targets.left_out.push(left_out);
        }
    }
    Ok(())
}
