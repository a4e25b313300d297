//! Users, and the tokens that they ask with.

/// What a token may see and do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Administers every repository that it sees.
    Admin,
    /// Reads.
    Read,
    /// A workflow's `GITHUB_TOKEN`: reads, and is refused outright where an administrator is wanted.
    Integration,
    /// Reads what belongs to users; organisations want their single sign-on first.
    Sso,
    /// It was valid once; it is answered as an unknown one.
    Expired,
}

/// A token and what stands behind it.
#[derive(Clone, Debug)]
pub struct Token {
    /// The token itself.
    pub text: String,
    /// Whose it is.
    pub login: String,
    /// What it may do.
    pub role: Role,
    /// Whether it sees private repositories.
    pub may_see_private: bool,
}

impl Token {
    /// A token that sees what is public.
    pub fn new(text: &str, role: Role) -> Self {
        Self { text: text.to_owned(), login: "octocat".to_owned(), role, may_see_private: false }
    }
}

/// An app that gets tokens by itself.
#[derive(Clone, Debug)]
pub struct App {
    /// Its number, as it stands in proofs. Whoever signs one is believed.
    pub id: String,
    /// Where it is installed.
    pub installations: Vec<Installation>,
}

/// An app at an owner.
#[derive(Clone, Debug)]
pub struct Installation {
    /// Its number.
    pub id: u64,
    /// The owner.
    pub owner: String,
    /// What its tokens may do; the text of none of them stands here.
    pub token: Token,
    /// For how many seconds a token counts.
    pub lasts: u64,
    /// The number of the last token that was withdrawn.
    pub withdrawn: u64,
    /// Whether the owner has suspended it.
    pub suspended: bool,
}

impl Installation {
    /// One that reads what is public, for the usual hour.
    pub fn new(id: u64, owner: &str) -> Self {
        let token = Token { login: "app[bot]".to_owned(), ..Token::new("", Role::Integration) };
        Self { id, owner: owner.to_owned(), token, lasts: 3_600, withdrawn: 0, suspended: false }
    }
}

/// A user of whom more is known than the login.
#[derive(Clone, Debug, Default)]
pub struct User {
    /// The login.
    pub login: String,
    /// Where they say that they work.
    pub company: Option<String>,
    /// The organisations that they are seen to belong to.
    pub organizations: Vec<String>,
    /// Whether the name leads nowhere any more, though contributions still carry it.
    pub deleted: bool,
}

impl User {
    /// A user with a login and nothing else.
    pub fn new(login: &str) -> Self {
        Self { login: login.to_owned(), ..Self::default() }
    }

    /// Says where they work.
    pub fn company(mut self, company: &str) -> Self {
        self.company = Some(company.to_owned());
        self
    }

    /// Adds an organisation.
    pub fn member_of(mut self, organization: &str) -> Self {
        self.organizations.push(organization.to_owned());
        self
    }
}

/// What somebody who acts is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A person.
    User,
    /// An app; `login` is its slug, and GraphQL gives `/apps/SLUG` as its path.
    Bot,
    /// An organisation.
    Organization,
}

/// Who opened, merged, reviewed or wrote something. A deleted account is the absence of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The login, of a bot without `[bot]`.
    pub login: String,
    /// What it is.
    pub kind: Kind,
}

impl Actor {
    /// A person.
    pub fn user(login: &str) -> Self {
        Self { login: login.to_owned(), kind: Kind::User }
    }

    /// An app.
    pub fn bot(slug: &str) -> Self {
        Self { login: slug.to_owned(), kind: Kind::Bot }
    }

    /// The path under the host.
    pub(crate) fn path(&self) -> String {
        match self.kind {
            Kind::Bot => format!("/apps/{}", self.login),
            Kind::User | Kind::Organization => format!("/{}", self.login),
        }
    }

    /// The name of the type in GraphQL and REST alike.
    pub(crate) fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::User => "User",
            Kind::Bot => "Bot",
            Kind::Organization => "Organization",
        }
    }
}
