//! Documents for older servers: without the fields that these do not know.

/// The document without a field and what it selects; what becomes empty by it keeps `__typename`. Fragments and
/// variables that nothing uses any more would be errors, and go as well.
pub(super) fn without(document: &str, field: &str) -> String {
    without_unused(&cut(document, field))
}

fn cut(document: &str, field: &str) -> String {
    let bytes = document.as_bytes();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let mut out = String::with_capacity(document.len());
    let mut kept = 0;
    let mut from = 0;
    while let Some(found) = document[from..].find(field) {
        let begin = from + found;
        let end = begin + field.len();
        from = end;
        let before = document[..begin].trim_end().bytes().last();
        let whole =
            !bytes.get(begin.wrapping_sub(1)).is_some_and(|byte| is_word(*byte)) && !bytes.get(end).is_some_and(|byte| is_word(*byte));
        // Not the name of a variable, a spread, an argument, or a type.
        if !whole
            || matches!(before, Some(b'$' | b'.' | b'(' | b','))
            || document[end..].trim_start().starts_with(':')
            || is_type(&document[..begin])
        {
            continue;
        }
        let mut rest = end;
        for (open, close) in [(b'(', b')'), (b'{', b'}')] {
            let next = rest + document[rest..].len() - document[rest..].trim_start().len();
            if bytes.get(next) == Some(&open) {
                rest = balanced(bytes, next, open, close);
            }
        }
        // An alias belongs to its field.
        let begin = match document[..begin].trim_end().strip_suffix(':') {
            Some(alias) => alias.trim_end().trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '_').len(),
            None => begin,
        };
        out.push_str(&document[kept..begin]);
        out.push_str("__typename");
        kept = rest;
        from = rest;
    }
    out.push_str(&document[kept..]);
    out
}

fn without_unused(document: &str) -> String {
    const FRAGMENT: &str = "\nfragment ";
    let mut parts: Vec<&str> = document.split(FRAGMENT).collect();
    loop {
        let spread = |name: &str| {
            let spread = format!("...{name}");
            let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric());
            parts.iter().any(|part| part.match_indices(&spread).any(|(at, _)| ends(&part[at + spread.len()..])))
        };
        let is_unused = |part: &&str| !spread(part.split(' ').next().unwrap_or_default());
        let Some(unused) = parts.iter().skip(1).position(is_unused) else { break };
        parts.remove(unused + 1);
    }
    let text = parts.join(FRAGMENT);
    let Some((head, body)) = text.split_once(" {") else { return text };
    let Some((name, variables)) = head.split_once('(') else { return text };
    let uses = |variable: &str| {
        let name = variable.split(':').next().unwrap_or_default();
        let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric());
        body.match_indices(name).any(|(at, _)| ends(&body[at + name.len()..]))
    };
    let kept: Vec<&str> = variables.trim_end_matches(')').split(", ").filter(|variable| uses(variable)).collect();
    let variables = if kept.is_empty() { String::new() } else { format!("({})", kept.join(", ")) };
    format!("{name}{variables} {{{body}")
}

fn is_type(before: &str) -> bool {
    before.trim_end().ends_with(" on") || before.trim_end().ends_with("fragment") || before.trim_end().ends_with("query")
}

fn balanced(bytes: &[u8], from: usize, open: u8, close: u8) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in bytes.iter().enumerate().skip(from) {
        if *byte == open {
            depth += 1;
        } else if *byte == close {
            depth -= 1;
            if depth == 0 {
                return at + 1;
            }
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::super::document::{IN_MAIN, main};
    use super::*;

    #[test]
    fn a_field_that_a_server_does_not_know_is_left_out() {
        let all = main(&IN_MAIN.into_iter().collect(), true);
        let less = without(&all, "requireLastPushApproval");
        assert!(!less.contains("requireLastPushApproval") && less.contains("requiresStatusChecks"), "{less}");
        let less = without(&all, "rulesets");
        assert!(!less.contains("rulesets(") && !less.contains("$rulesetsAfter") && less.contains("fragment Rulesets"), "{less}");
        let less = without(&all, "associatedPullRequests");
        assert!(!less.contains("fragment PullRequest") && less.contains("committedDate"), "{less}");
        let less = without(&all, "object");
        assert!(!less.contains("revision: object") && less.contains("defaultBranchRef"), "{less}");
    }
}
