//! What an owner has, before anything of it is scored.

/// The repositories of an owner, as far as a token sees them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The owner, as the host spells it.
    pub owner: String,
    /// Its repositories by name.
    pub repositories: Vec<Listed>,
    /// How many there are of which the host shows this token not even the name.
    pub unseen: usize,
}

/// A repository in a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Its name, without the owner.
    pub name: String,
    /// Whether it is read-only for good.
    pub is_archived: bool,
    /// Whether it is a fork.
    pub is_fork: bool,
    /// Whether nothing was ever pushed to it.
    pub is_empty: bool,
    /// Whether the host has disabled it, so that nobody can read it.
    pub is_disabled: bool,
}
