//! Expressions in scripts, and which of them hold what a stranger wrote.

use std::sync::LazyLock;

use regex::{Regex, RegexSet};

/// The expressions of a script, in their order; or the text behind an opening that nothing closes.
pub(super) fn expressions(script: &str) -> Result<Vec<&str>, &str> {
    let mut found = Vec::new();
    let mut rest = script;
    while let Some((_, behind)) = rest.split_once("${{") {
        let (expression, next) = behind.split_once("}}").ok_or(behind)?;
        found.push(expression);
        rest = next;
    }
    Ok(found)
}

static WHOLE_EVENT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)tojson[\t\n\f\r ]*\([\t\n\f\r ]*github(\.event)?[\t\n\f\r ]*\)").expect("the expression is tested"));

/// What strangers write into an event. A dot stands for any character but a line end: the reference's way to say that
/// anything may stand between a list and the field of its items.
static FIELDS: LazyLock<RegexSet> = LazyLock::new(|| {
    RegexSet::new([
        r"(issue|pull_request|discussion)\.(title|body)",
        r"(comment|review|review_comment)\.body",
        r"pages.*\.page_name",
        r"commits.*\.(message|author\.(email|name))",
        r"head_commit\.(message|author\.(email|name))",
        r"blocked_user\.(name|email)",
        r"pull_request\.head\.(ref|label|repo\.default_branch)",
    ])
    .expect("the expressions are tested")
});

/// Whether an expression holds what a stranger may have written.
pub(super) fn is_untrusted(expression: &str) -> bool {
    expression.contains("github.head_ref")
        || WHOLE_EVENT.is_match(expression)
        || (expression.contains("github.event.") && FIELDS.is_match(expression))
}

/// The last names of texts in an event.
const TEXTS: [&str; 10] = ["head_ref", "title", "body", "page_name", "message", "email", "name", "ref", "label", "default_branch"];

/// Whether an expression is nothing but one text that a stranger may have written, as it is: no function quotes it, and
/// nothing is made of it that would be harmless.
pub(super) fn is_bare_text(expression: &str) -> bool {
    let path = expression.trim();
    let is_path = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.[]".contains(&byte));
    is_path && path.starts_with("github.") && path.rsplit('.').next().is_some_and(|last| TEXTS.contains(&last)) && is_untrusted(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_write_is_untrusted() {
        for expression in [
            "github.head_ref",
            "format('{0}', github.head_ref)",
            "github.event.issue.title",
            "github.event.pull_request.body",
            "github.event.discussion.body",
            "github.event.comment.body",
            "github.event.review_comment.body",
            "github.event.pages[0].page_name",
            "github.event.commits[0].message",
            "github.event.commits.*.author.name",
            "github.event.head_commit.author.email",
            "github.event.pull_request.organization.blocked_user.email",
            "github.event.pull_request.head.repo.default_branch",
            "github.event.number && steps.issue.title",
            "toJSON(github.event)",
            "TOJSON ( GitHub )",
        ] {
            assert!(is_untrusted(expression), "{expression}");
        }
    }

    #[test]
    fn a_bare_text_is_one_that_nothing_is_made_of() {
        for expression in [" github.head_ref ", "github.event.issue.title", "github.event.commits[0].author.name"] {
            assert!(is_bare_text(expression), "{expression}");
        }
        for expression in [
            "toJSON(github.event.issue.title)",
            "toJSON(github.event)",
            "github.event.issue.title == 'x'",
            "github.event.commits.*.message",
            "github.event.issue.title_",
            "github.event.issue.number",
            "inputs.github.head_ref",
            "",
        ] {
            assert!(!is_bare_text(expression), "{expression}");
        }
    }

    #[test]
    fn what_only_looks_like_it_is_not() {
        for expression in [
            "github.action",
            "github.ref_name",
            "github.Head_Ref",
            "github.event.pull_request.number",
            "github.event.commits[0].id",
            "github.event.commits[\n0].message",
            "github.event['issue'].title",
            "github.event.inputs.title",
            "steps.issue.title",
            "toJSON(github.event.pull_request)",
            "toJSON(github.repository)",
        ] {
            assert!(!is_untrusted(expression), "{expression}");
        }
    }

    #[test]
    fn an_expression_ends_at_the_first_two_braces() {
        assert_eq!(expressions("a ${{ b }} ${{c}}"), Ok(vec![" b ", "c"]));
        assert_eq!(expressions("${{ '}}' }}"), Ok(vec![" '"]));
        assert_eq!(expressions("${{ a ${{ b }} c }}"), Ok(vec![" a ${{ b "]));
        assert_eq!(expressions("${{ a }"), Err(" a }"));
        assert_eq!(expressions("$ {{ a"), Ok(Vec::new()));
    }
}
