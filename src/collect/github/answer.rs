//! An answer in which data and errors stand beside each other: what of it is known, and why the rest is not.

use carat_checks::evidence::{Cause, Facet, Fact, Gap};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::http::graphql::{Answer, Trouble};

/// An answer of a host.
pub(super) struct Answered<'a> {
    /// Who answered.
    host: &'a str,
    data: &'a Value,
    errors: Vec<(String, &'a Trouble)>,
}

/// The parts of a path as one text: names and places in lists.
fn path_of(parts: &[Value]) -> String {
    let part = |part: &Value| part.as_str().map_or_else(|| part.to_string(), str::to_owned);
    parts.iter().map(part).collect::<Vec<_>>().join("/")
}

/// Whether one path is the other, or leads to it.
fn leads_to(above: &str, below: &str) -> bool {
    below.strip_prefix(above).is_some_and(|rest| rest.is_empty() || above.is_empty() || rest.starts_with('/'))
}

impl<'a> Answered<'a> {
    pub(super) fn new(host: &'a str, answer: &'a Answer) -> Self {
        let data = answer.data.as_ref().unwrap_or(&Value::Null);
        let errors = answer.errors.iter().map(|error| (path_of(&error.path), error)).collect();
        Self { host, data, errors }
    }

    /// The value at a path; `Null` for one that is not there.
    pub(super) fn value(&self, path: &str) -> &'a Value {
        path.split('/').fold(self.data, |value, part| match part.parse::<usize>() {
            Ok(place) if value.is_array() => value.get(place).unwrap_or(&Value::Null),
            _ => value.get(part).unwrap_or(&Value::Null),
        })
    }

    /// The first error about a path, or about something below it; what is below one of `apart` is left to whoever
    /// reads that.
    pub(super) fn error(&self, path: &str, apart: &[&str]) -> Option<&'a Trouble> {
        let concerns = |error: &str| {
            leads_to(error, path) || leads_to(path, error) && !error[path.len()..].split('/').any(|part| apart.contains(&part))
        };
        self.errors.iter().find(|(at, _)| concerns(at)).map(|(_, error)| *error)
    }

    /// What stands at a path, or why it is not known.
    pub(super) fn read<T: DeserializeOwned>(&self, path: &str, apart: &[&str], needs: &str) -> Result<T, Cause> {
        if let Some(error) = self.error(path, apart) {
            return Err(self.cause(error, needs));
        }
        if !self.has(path) {
            return Err(self.absent(path, needs));
        }
        T::deserialize(self.value(path))
            .map_err(|error| Cause::Failed { why: format!("{} answered what cannot be read: {error}", self.host) })
    }

    /// Why something is missing, by the error about it.
    pub(super) fn cause(&self, error: &Trouble, needs: &str) -> Cause {
        cause(self.host, error, needs)
    }

    /// Why nothing stands at a path: where a server knows the field, an error has taken away what is around it.
    pub(super) fn absent(&self, path: &str, needs: &str) -> Cause {
        let above = path.match_indices('/').map(|(at, _)| &path[..at]);
        let taken = above.filter(|above| self.value(above).is_null()).find_map(|above| self.error(above, &[]));
        match taken {
            Some(error) => self.cause(error, needs),
            None => Cause::NotOffered { by: format!("this version of {}", self.host) },
        }
    }

    /// The errors that took away more than the field that they are about, by a part of their path: what may not be null
    /// takes with it what it is in.
    pub(super) fn spreading(&self) -> impl Iterator<Item = (&str, &'a Trouble)> {
        self.errors.iter().flat_map(|(path, error)| {
            let names = path.match_indices('/').map(move |(at, _)| (&path[..at], &path[at + 1..]));
            let taken = names.filter(|(above, _)| self.value(above).is_null());
            taken.map(move |(_, below)| (below.split('/').next().unwrap_or_default(), *error))
        })
    }

    /// Whether something, be it null, stands at a path.
    pub(super) fn has(&self, path: &str) -> bool {
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        let above = if above.is_empty() { self.data } else { self.value(above) };
        above.get(name).is_some()
    }

    /// What stands at a path, as a fact of a facet.
    pub(super) fn fact<T: DeserializeOwned, F>(&self, facet: Facet, path: &str, needs: &str, make: impl FnOnce(T) -> F) -> Fact<F> {
        match self.read(path, &[], needs) {
            Ok(value) => Fact::known(make(value)),
            Err(cause) => Fact::Missing(Gap::new(facet, cause)),
        }
    }
}

/// What of a token would show a facet.
pub(super) fn needs(facet: Facet) -> &'static str {
    facet.permission().unwrap_or("another token")
}

/// Why a part is missing, by the error that stands for it.
pub(super) fn cause(host: &str, error: &Trouble, needs: &str) -> Cause {
    let denied =
        matches!(error.kind.as_deref(), Some("FORBIDDEN" | "INSUFFICIENT_SCOPES")) || error.message.contains("Resource not accessible");
    if denied { Cause::Denied { needs: needs.to_owned() } } else { Cause::Failed { why: format!("{host}: {}", shown(&error.message)) } }
}

/// A host's message, short and in one line.
pub(super) fn shown(message: &str) -> String {
    const LONGEST: usize = 300;
    let line: String = message.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect();
    line.trim().trim_end_matches('.').to_owned()
}

/// The name of a field that the server does not know, if that is what an error says.
pub(super) fn unknown_field(error: &Trouble) -> Option<&str> {
    let extensions = error.extensions.as_ref()?;
    if extensions.get("code")?.as_str()? != "undefinedField" {
        return None;
    }
    extensions.get("fieldName")?.as_str().filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &str) -> Answer {
        serde_json::from_str(text).expect("JSON")
    }

    #[test]
    fn an_error_concerns_what_is_above_it_and_what_is_below() {
        let answer = answer(
            r#"{"data":{"r":{"a":[{"b":null}],"c":1,"n":null}},"errors":[{"message":"no.","path":["r","a",0,"b"]},{"message":"denied","type":"FORBIDDEN","path":["r","d"]}]}"#,
        );
        let answered = Answered::new("h", &answer);
        assert_eq!(answered.read::<Value>("r/a", &[], ""), Err(Cause::Failed { why: "h: no".into() }));
        assert!(answered.read::<Value>("r/a", &["b"], "").is_ok());
        assert_eq!(answered.read::<u8>("r/c", &[], ""), Ok(1));
        assert_eq!(answered.read::<Option<u8>>("r/n", &[], ""), Ok(None));
        assert!(matches!(answered.read::<bool>("r/c", &[], ""), Err(Cause::Failed { .. })));
        assert_eq!(answered.read::<Value>("r/d/e", &[], "more"), Err(Cause::Denied { needs: "more".into() }));
        assert!(matches!(answered.read::<Value>("r/x", &[], ""), Err(Cause::NotOffered { .. })));
        assert!(answered.error("r", &[]).is_some());
    }

    #[test]
    fn an_error_explains_what_it_has_taken_away() {
        let answer = answer(r#"{"data":{"r":{"a":null,"c":1}},"errors":[{"message":"no","path":["r","a","b",0,"d"]}]}"#);
        let answered = Answered::new("h", &answer);
        let failed = Err(Cause::Failed { why: "h: no".into() });
        assert_eq!(answered.read::<u8>("r/a/b", &[], ""), failed);
        assert_eq!(answered.read::<u8>("r/a/e", &[], ""), failed);
        assert!(matches!(answered.read::<u8>("r/f", &[], ""), Err(Cause::NotOffered { .. })));
        let spreading: Vec<&str> = answered.spreading().map(|(name, _)| name).collect();
        assert_eq!(spreading, ["b", "0", "d"]);
    }
}
