//! Properties: `${name}` in a text stands for a value, in which others may stand.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

/// How long a text may become, in bytes; texts are hostile, and double with each property of a chain.
const LONGEST: usize = 4 << 10;

/// How deep properties may stand in one another.
const DEEPEST: usize = 50;

/// The values of properties.
pub(super) struct Values<'p> {
    /// What the project itself is, which `project.*` and `pom.*` name.
    pub(super) project: [(&'static str, &'p str); 4],
    /// Properties by name; what comes first beats the rest.
    pub(super) layers: Vec<&'p BTreeMap<String, String>>,
    /// What is known of properties by now; `None` for one without a value, or that is being looked up.
    known: RefCell<HashMap<String, Option<String>>>,
}

impl<'p> Values<'p> {
    pub(super) fn new(project: [(&'static str, &'p str); 4], layers: Vec<&'p BTreeMap<String, String>>) -> Self {
        Self { project, layers, known: RefCell::default() }
    }

    /// A text with all properties replaced; `None` if one of them has no value.
    pub(super) fn replace(&self, text: &str) -> Option<String> {
        self.replaced(text, 0)
    }

    fn replaced(&self, text: &str, depth: usize) -> Option<String> {
        let (mut out, mut rest) = (String::new(), text);
        while let Some(start) = rest.find("${") {
            let Some(length) = rest[start..].find('}') else { break };
            out.push_str(&rest[..start]);
            out.push_str(&self.value(&rest[start + 2..start + length], depth)?);
            rest = &rest[start + length + 1..];
            if out.len() > LONGEST {
                return None;
            }
        }
        out.push_str(rest);
        (out.len() <= LONGEST).then_some(out)
    }

    fn value(&self, name: &str, depth: usize) -> Option<String> {
        if let Some(known) = self.known.borrow().get(name) {
            return known.clone();
        }
        // A property that comes back to itself has no value.
        self.known.borrow_mut().insert(name.to_owned(), None);
        let value = if depth < DEEPEST { self.replaced(self.written(name)?, depth + 1) } else { None };
        self.known.borrow_mut().insert(name.to_owned(), value.clone());
        value
    }

    /// The text that a property is set to.
    fn written(&self, name: &str) -> Option<&'p str> {
        let of_project = |name: &str| self.project.iter().find(|(own, value)| *own == name && !value.is_empty()).map(|(_, value)| *value);
        let prefixed = name.strip_prefix("project.").or_else(|| name.strip_prefix("pom.")).and_then(of_project);
        let in_layers = || self.layers.iter().find_map(|layer| layer.get(name)).map(String::as_str);
        prefixed.or_else(in_layers).or_else(|| of_project(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(properties: &[(&str, &str)]) -> BTreeMap<String, String> {
        properties.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn values() {
        let (near, far) =
            (map(&[("a", "1"), ("b", "${a}.${c}"), ("version", "own")]), map(&[("a", "0"), ("c", "3"), ("project.version", "no")]));
        let project = [("groupId", "org.x"), ("version", "7"), ("parent.groupId", ""), ("parent.version", "${a}")];
        let values = Values::new(project, vec![&near, &far]);
        for (text, want) in [
            ("${a}", Some("1")),
            ("x-${b}-${a}", Some("x-1.3-1")),
            ("${project.version} ${pom.groupId} ${groupId} ${version}", Some("7 org.x org.x own")),
            ("${project.parent.version}", Some("1")),
            ("${parent.groupId}", None),
            ("${none}", None),
            ("${}", None),
            ("$a {a} ${a", Some("$a {a} ${a")),
        ] {
            assert_eq!(values.replace(text).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn circles_and_explosions_have_no_value() {
        let properties: BTreeMap<String, String> = (0..100).map(|n| (format!("p{n}"), format!("${{p{0}}}${{p{0}}}", n + 1))).collect();
        let ends = map(&[("p100", "x"), ("a", "${b}"), ("b", "${a}"), ("s", "${s}")]);
        let values =
            Values::new([("groupId", ""), ("version", ""), ("parent.groupId", ""), ("parent.version", "")], vec![&properties, &ends]);
        for text in ["${p0}", "${p90}${p80}", "${a}", "${b}", "${s}"] {
            assert_eq!(values.replace(text), None, "{text}");
        }
        assert_eq!(values.replace("${p97}").as_deref(), Some("xxxxxxxx"));
        let long = "${p99}".repeat(100_000);
        assert_eq!(values.replace(&long), None);
    }
}
