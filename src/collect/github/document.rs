//! The documents that are asked, put together from a fragment for each kind of fact, so that nothing is asked that
//! nobody wants.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use carat_checks::evidence::Facet;

const IDENTITY: &str = include_str!("queries/identity.graphql");
const METADATA: &str = include_str!("queries/metadata.graphql");
const HISTORY: &str = include_str!("queries/history.graphql");
const PULL_REQUEST: &str = include_str!("queries/pull_request.graphql");
const PULL_REQUEST_CHECKS: &str = include_str!("queries/pull_request_checks.graphql");
const ISSUES: &str = include_str!("queries/issues.graphql");
const RULESETS: &str = include_str!("queries/rulesets.graphql");
const BRANCH_RULES: &str = include_str!("queries/branch_rules.graphql");
const LANGUAGES: &str = include_str!("queries/languages.graphql");
const LICENSE: &str = include_str!("queries/license.graphql");
const EMPLOYER: &str = include_str!("queries/employer.graphql");
const POLICY_FOLDER: &str = include_str!("queries/policy_folder.graphql");
const POLICY_TEXT: &str = include_str!("queries/policy_text.graphql");
const LISTING: &str = include_str!("queries/listing.graphql");

/// What every document asks beside: what it cost.
const COST: &str = "  rateLimit { cost }\n";

/// The address by which GitHub signs Dependabot's commits: the account's number and name. Another number is another bot.
/// <https://docs.github.com/account-and-profile/setting-up-and-managing-your-personal-account-on-github/managing-email-preferences/setting-your-commit-email-address>
pub(super) const DEPENDABOT: &str = "49699333+dependabot[bot]@users.noreply.github.com";

/// Where an owner's policy may be: the folders, and the usual spellings whose text is asked for at once.
pub(super) const POLICY_FOLDERS: [&str; 4] = ["", ".github", "docs", "doc"];
pub(super) const USUAL_POLICIES: [&str; 5] =
    [".github/SECURITY.md", "SECURITY.md", "SECURITY.rst", "docs/SECURITY.md", "docs/SECURITY.rst"];

/// Facets that one document about a repository can show, all of them about the present but the history.
pub(crate) const IN_MAIN: [Facet; 7] =
    [Facet::Metadata, Facet::Commits, Facet::CheckRuns, Facet::Issues, Facet::Branches, Facet::Languages, Facet::HostLicense];

/// A document and the fragments in it.
struct Document {
    variables: Vec<&'static str>,
    fields: String,
    fragments: Vec<&'static str>,
}

impl Document {
    fn new(variables: &[&'static str]) -> Self {
        Self { variables: variables.to_vec(), fields: String::new(), fragments: Vec::new() }
    }

    fn fragment(&mut self, text: &'static str) {
        if !self.fragments.contains(&text) {
            self.fragments.push(text);
        }
    }

    fn finish(self, name: &str) -> String {
        let variables = if self.variables.is_empty() { String::new() } else { format!("({})", self.variables.join(", ")) };
        let mut text = format!("query {name}{variables} {{\n{COST}{}}}\n", self.fields);
        for fragment in self.fragments {
            text.push_str(fragment);
        }
        text
    }
}

/// The history with what is wanted of its pull requests.
fn history(document: &mut Document, facets: &BTreeSet<Facet>) -> bool {
    let wanted = facets.contains(&Facet::Commits) || facets.contains(&Facet::CheckRuns);
    if wanted {
        document.variables.extend(["$depth: Int!", "$after: String"]);
        document.fragment(HISTORY);
        document.fragment(PULL_REQUEST);
        if facets.contains(&Facet::CheckRuns) {
            document.fragment(PULL_REQUEST_CHECKS);
        }
    }
    wanted
}

/// Adds to the text of a document that pull requests show what ran on them.
fn with_checks(text: String, facets: &BTreeSet<Facet>) -> String {
    if facets.contains(&Facet::CheckRuns) {
        text.replace("...PullRequest\n", "...PullRequest\n          ...PullRequestChecks\n")
    } else {
        text
    }
}

/// The main document: what the repository is, its newest commit or that of a revision, and the facets wanted.
/// Variables: `owner`, `name`, and as wanted `revision`, `branch`, `tag`, `depth`, `after`, `rulesetsAfter`.
pub(super) fn main(facets: &BTreeSet<Facet>, at_revision: bool) -> String {
    let mut document = Document::new(&["$owner: String!", "$name: String!"]);
    document.fragment(IDENTITY);
    let mut fields = String::from("  repository(owner: $owner, name: $name) {\n    ...Identity\n");
    for (facet, spread, fragment) in [
        (Facet::Metadata, "Metadata", METADATA),
        (Facet::Issues, "Issues", ISSUES),
        (Facet::Languages, "Languages", LANGUAGES),
        (Facet::HostLicense, "License", LICENSE),
    ] {
        if facets.contains(&facet) {
            let _ = writeln!(fields, "    ...{spread}");
            document.fragment(fragment);
        }
    }
    let branches = facets.contains(&Facet::Branches);
    if branches {
        fields.push_str("    ...Rulesets\n");
        document.variables.push("$rulesetsAfter: String");
        document.fragment(RULESETS);
        document.fragment(BRANCH_RULES);
    }
    let target = if history(&mut document, facets) { "{ ... on Commit { oid ...History } }" } else { "{ ... on Commit { oid } }" };
    let of_head = if at_revision { "{ oid }" } else { target };
    let rules = if branches { "...BranchRules " } else { "" };
    let _ = writeln!(fields, "    defaultBranchRef {{ name {rules}target {of_head} }}");
    if at_revision {
        document.variables.extend(["$revision: String!", "$branch: String!", "$tag: String!"]);
        // Hosts do not peel tags: of one that is an object of its own only the commit is told.
        let tag = "... on Tag { target { oid ... on Tag { target { oid } } } }";
        let _ = writeln!(fields, "    revision: object(expression: $revision) {{ __typename {tag} {} }}", &target[2..target.len() - 2]);
        fields.push_str("    branch: ref(qualifiedName: $branch) { name }\n    tag: ref(qualifiedName: $tag) { name }\n");
    }
    fields.push_str("  }\n");
    document.fields = fields;
    with_checks(document.finish("Repository"), facets)
}

/// A further page of a history. Variables: `owner`, `name`, `revision`, `depth`, `after`.
pub(super) fn history_page(facets: &BTreeSet<Facet>) -> String {
    let mut document = Document::new(&["$owner: String!", "$name: String!", "$revision: String!"]);
    history(&mut document, facets);
    document.fields =
        "  repository(owner: $owner, name: $name) {\n    revision: object(expression: $revision) { ... on Commit { ...History } }\n  }\n"
            .to_owned();
    with_checks(document.finish("History"), facets)
}

/// A further page of rulesets, as long as a page may be. Variables: `owner`, `name`, `rulesetsAfter`.
pub(super) fn rulesets_page() -> String {
    let mut document = Document::new(&["$owner: String!", "$name: String!", "$rulesetsAfter: String"]);
    document.fragment(RULESETS);
    document.fields = "  repository(owner: $owner, name: $name) { ...Rulesets }\n".to_owned();
    document.finish("Rulesets").replace("rulesets(first: 20,", "rulesets(first: 100,")
}

/// What is asked once the answers to the main document, and the files, are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Second {
    /// Rules of these branches: `refs/heads/...`.
    pub(super) branches: Vec<String>,
    /// For whom these accounts work.
    pub(super) accounts: Vec<String>,
    /// Whether Dependabot has left commits.
    pub(super) bot: bool,
    /// The policy of the owner.
    pub(super) policy: bool,
}

impl Second {
    pub(super) const fn is_empty(&self) -> bool {
        self.branches.is_empty() && self.accounts.is_empty() && !self.bot && !self.policy
    }

    /// How many things are asked for.
    pub(super) const fn parts(&self) -> usize {
        self.branches.len() + self.accounts.len() + self.bot as usize + self.policy as usize
    }

    /// The same in two, neither of them empty if there are several.
    pub(super) fn halves(mut self) -> (Self, Self) {
        let mut left = self.parts() / 2;
        let mut take = |there: usize| {
            let taken = there.min(left);
            left -= taken;
            taken
        };
        let branches = self.branches.split_off(take(self.branches.len()));
        let accounts = self.accounts.split_off(take(self.accounts.len()));
        let (bot, policy) = (take(self.bot.into()) == 1, take(self.policy.into()) == 1);
        let second = Self { branches, accounts, bot: self.bot && !bot, policy: self.policy && !policy };
        (Self { bot, policy, ..self }, second)
    }
}

/// The second document. Names go in as variables: `b0`, `b1` ... for branches, `u0` ... for accounts.
pub(super) fn second(wanted: &Second) -> String {
    let mut document = Document::new(&[]);
    let mut names = String::new();
    let mut fields = String::new();
    if !wanted.branches.is_empty() || wanted.bot {
        fields.push_str("  repository(owner: $owner, name: $name) {\n");
        for n in 0..wanted.branches.len() {
            document.fragment(BRANCH_RULES);
            let _ = write!(names, ", $b{n}: String!");
            let _ = writeln!(fields, "    b{n}: ref(qualifiedName: $b{n}) {{ ...BranchRules }}");
        }
        if wanted.bot {
            names.push_str(", $bot: String!");
            let commits = "history(first: 1, author: { emails: [$bot] }) { nodes { author { email } } }";
            let _ = writeln!(fields, "    bot: defaultBranchRef {{ target {{ ... on Commit {{ {commits} }} }} }}");
        }
        fields.push_str("  }\n");
    }
    for n in 0..wanted.accounts.len() {
        document.fragment(EMPLOYER);
        let _ = write!(names, ", $u{n}: String!");
        let _ = writeln!(fields, "  u{n}: user(login: $u{n}) {{ ...Employer }}");
    }
    if wanted.policy {
        document.fragment(POLICY_FOLDER);
        document.fragment(POLICY_TEXT);
        fields.push_str("  policy: repository(owner: $owner, name: \".github\") {\n    owner { login }\n");
        for (n, folder) in POLICY_FOLDERS.iter().enumerate() {
            let _ = writeln!(fields, "    f{n}: object(expression: \"HEAD:{folder}\") {{ ...PolicyFolder }}");
        }
        for (n, file) in USUAL_POLICIES.iter().enumerate() {
            let _ = writeln!(fields, "    p{n}: object(expression: \"HEAD:{file}\") {{ ...PolicyText }}");
        }
        fields.push_str("  }\n");
    }
    document.fields = fields;
    let text = document.finish("Second");
    // A variable that is not used is an error.
    let uses_name = text.contains("$name");
    let known = match (text.contains("$owner"), uses_name) {
        (true, true) => "$owner: String!, $name: String!",
        (true, false) => "$owner: String!",
        _ => "",
    };
    let variables = format!("{known}{names}");
    text.replacen("query Second {", &format!("query Second({}) {{", variables.trim_start_matches(", ")), 1)
}

/// One text of the owner's policy. Variables: `owner`, `expression`.
pub(super) fn policy_text() -> String {
    let mut document = Document::new(&["$owner: String!", "$expression: String!"]);
    document.fragment(POLICY_TEXT);
    document.fields =
        "  policy: repository(owner: $owner, name: \".github\") { p0: object(expression: $expression) { ...PolicyText } }\n".to_owned();
    document.finish("Policy")
}

/// A page of what an owner has. Variables: `login`, `first`, `after`.
pub(super) fn listing() -> String {
    let mut document = Document::new(&["$login: String!", "$first: Int!", "$after: String"]);
    document.fragment(LISTING);
    document.fields = "  repositoryOwner(login: $login) { ...Listing }\n".to_owned();
    document.finish("Owner")
}

#[cfg(test)]
mod tests {
    use super::super::without::without;
    use super::*;

    /// Every set of facets that one document may be about.
    fn sets() -> impl Iterator<Item = BTreeSet<Facet>> {
        (0..1_u32 << IN_MAIN.len()).map(|set| (0..IN_MAIN.len()).filter(|n| set >> n & 1 == 1).map(|n| IN_MAIN[n]).collect())
    }

    fn all() -> BTreeSet<Facet> {
        IN_MAIN.into_iter().collect()
    }

    fn seconds() -> impl Iterator<Item = Second> {
        (0..16_u8).map(|set| Second {
            branches: if set & 1 == 1 { vec!["a".into(), "b".into()] } else { Vec::new() },
            accounts: if set & 2 == 2 { (0..30).map(|n| format!("u{n}")).collect() } else { Vec::new() },
            bot: set & 4 == 4,
            policy: set & 8 == 8,
        })
    }

    #[track_caller]
    fn holds(document: &str) {
        let wrong = fake_github::invalid(document);
        assert!(wrong.is_empty(), "{wrong:#?} in\n{document}");
    }

    #[test]
    fn every_document_is_as_githubs_schema_has_it() {
        for set in sets() {
            holds(&main(&set, false));
            holds(&main(&set, true));
            if set.contains(&Facet::Commits) || set.contains(&Facet::CheckRuns) {
                holds(&history_page(&set));
            }
        }
        seconds().filter(|second| !second.is_empty()).for_each(|wanted| holds(&second(&wanted)));
        holds(&rulesets_page());
        holds(&policy_text());
        holds(&listing());
    }

    /// The words in a document, outside of texts, that can be fields.
    fn fields(document: &str) -> BTreeSet<String> {
        let outside = document.split('"').step_by(2);
        let words = outside.flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric()));
        let may_be = |word: &&str| word.starts_with(|c: char| c.is_ascii_lowercase()) && !["query", "fragment", "on"].contains(word);
        words.filter(may_be).map(str::to_owned).collect()
    }

    #[test]
    fn every_document_still_holds_without_any_of_its_fields() {
        let whole = [
            main(&all(), false),
            main(&all(), true),
            history_page(&all()),
            rulesets_page(),
            policy_text(),
            listing(),
            second(&seconds().last().expect("there are some")),
        ];
        let mut tried = 0;
        for document in &whole {
            for field in fields(document) {
                let less = without(document, &field);
                holds(&less);
                tried += usize::from(less != *document);
            }
            // One after the other, until there is nothing left.
            let mut less = document.clone();
            for field in fields(document) {
                less = without(&less, &field);
                holds(&less);
            }
        }
        assert!(tried > 150, "{tried}");
    }

    #[test]
    fn a_document_asks_for_what_is_wanted_and_no_more() {
        let license = main(&BTreeSet::from([Facet::HostLicense]), false);
        for other in ["history", "issues", "createdAt", "rulesets", "languages"] {
            assert!(license.contains("licenseInfo") && !license.contains(other), "{license}");
        }
        let review = main(&BTreeSet::from([Facet::Commits]), false);
        assert!(review.contains("reviews") && !review.contains("checkSuites"), "{review}");
        assert!(main(&BTreeSet::from([Facet::CheckRuns]), true).contains("...PullRequestChecks"));
        let second = second(&Second { accounts: vec!["a".into(), "b".into()], ..Second::default() });
        assert!(second.starts_with("query Second($u0: String!, $u1: String!) {"), "{second}");
    }

    #[test]
    fn halves_are_parts_of_the_whole() {
        for whole in seconds() {
            let (first, second) = whole.clone().halves();
            assert_eq!(first.parts(), whole.parts() / 2);
            assert_eq!(first.parts() + second.parts(), whole.parts());
            assert_eq!([first.branches, second.branches].concat(), whole.branches);
            assert_eq!([first.accounts, second.accounts].concat(), whole.accounts);
            assert_eq!((first.bot ^ second.bot, first.policy ^ second.policy), (whole.bot, whole.policy));
        }
    }
}
