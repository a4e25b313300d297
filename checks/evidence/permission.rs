//! Which permission shows a kind of fact, in the words of GitHub's pages of tokens.

use super::Facet;

const CONTENTS: &str = "the permission Contents: read";

impl Facet {
    /// What of a token shows this, to be read before "would show it"; `None` for what is told without one: by services,
    /// not by hosts.
    ///
    /// In a public repository a token without any permission will do, but for what is [kept back](Self::is_kept_back).
    #[must_use]
    pub fn permission(self) -> Option<&'static str> {
        match self {
            Self::Releases | Self::HostLicense | Self::BotCommits => Some(CONTENTS),
            Self::Metadata | Self::Contributors | Self::Languages => Some("the permission Metadata: read"),
            Self::Commits => Some("the permissions Contents: read and Pull requests: read"),
            // Fine-grained tokens cannot be given the permission for checks.
            Self::CheckRuns => Some("the permissions Checks: read and Commit statuses: read (a classic token: the scope repo)"),
            Self::Issues => Some("the permission Issues: read"),
            Self::Branches => Some("the permission Administration: read of an administrator of the repository"),
            Self::Employers => Some("the scope read:org of a classic token"),
            Self::Webhooks => Some("the permission Webhooks: read of an administrator of the repository"),
            Self::WorkflowRuns => Some("the permission Actions: read"),
            Self::OwnerPolicy => Some("the permission Contents: read on the owner's repository .github"),
            Self::Advisories | Self::OssFuzz | Self::Badge => None,
            _ => Self::FROM_FILES.contains(&self).then_some(CONTENTS),
        }
    }

    /// Whether hosts keep this, or a part of it, from tokens without the permission in public repositories as well.
    #[must_use]
    pub const fn is_kept_back(self) -> bool {
        matches!(self, Self::Branches | Self::Employers | Self::Webhooks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_back_names_the_permission_for_it_and_services_want_none() {
        for facet in Facet::FROM_FILES.iter().chain(Facet::BESIDE_FILES) {
            let of_a_service = matches!(facet, Facet::Advisories | Facet::OssFuzz | Facet::Badge);
            assert_eq!(facet.permission().is_none(), of_a_service, "{facet:?}");
            assert!(!facet.is_kept_back() || facet.permission().is_some(), "{facet:?}");
        }
    }
}
