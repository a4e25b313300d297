//! Which advisories speak of one and the same vulnerability.

use std::collections::{BTreeSet, HashMap};

use crate::evidence::Advisory;

/// The group of each advisory: the place of another in the list that stands for it.
///
/// Not all that hang together end in one group: whoever has been joined already is not looked at again. The order of
/// the list decides then, and the reference counts so (section 22.3 of what was found out about it; the same loop stands
/// in osv-scanner).
pub(super) fn groups(advisories: &[&Advisory], with_upstream: bool) -> Vec<usize> {
    let names = |advisory: &'_ Advisory| -> Vec<String> {
        let upstream = if with_upstream { &advisory.upstream[..] } else { &[] };
        advisory.aliases.iter().chain(upstream).cloned().collect()
    };
    // Two intersect where one's id is another's alias, or where they share an alias; two with one id do not by that alone.
    let mut by_alias: HashMap<String, Vec<usize>> = HashMap::new();
    let mut by_id: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, advisory) in advisories.iter().enumerate() {
        by_id.entry(&advisory.id).or_default().push(at);
        for name in names(advisory) {
            by_alias.entry(name).or_default().push(at);
        }
    }
    let mut group: Vec<usize> = (0..advisories.len()).collect();
    for (at, advisory) in advisories.iter().enumerate() {
        let mut others: BTreeSet<usize> = BTreeSet::new();
        others.extend(by_alias.get(&advisory.id).into_iter().flatten());
        for name in names(advisory) {
            others.extend(by_alias.get(&name).into_iter().flatten());
            others.extend(by_id.get(name.as_str()).into_iter().flatten());
        }
        for other in others.range(at + 1..) {
            let least = group[at].min(group[*other]);
            (group[at], group[*other]) = (least, least);
        }
    }
    group
}

/// The order in which ids stand for a group: those of Debian first, then CVE, then any other, those of GitHub last.
pub(super) fn rank(id: &str) -> u8 {
    match id.split('-').next() {
        Some("DSA") => 0,
        Some("CVE") => 1,
        Some("GHSA") => 3,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grouped(list: &[(&str, &[&str])]) -> Vec<usize> {
        let all: Vec<Advisory> = list
            .iter()
            .map(|(id, aliases)| Advisory {
                id: (*id).to_owned(),
                aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
                ..Advisory::default()
            })
            .collect();
        groups(&all.iter().collect::<Vec<_>>(), false)
    }

    #[test]
    fn what_shares_a_name_is_one_mostly() {
        assert_eq!(grouped(&[]), [0; 0]);
        assert_eq!(grouped(&[("a", &["b"]), ("b", &[])]), [0, 0]);
        assert_eq!(grouped(&[("a", &[]), ("b", &[]), ("c", &[])]), [0, 1, 2]);
        assert_eq!(grouped(&[("foo", &["bar"]), ("bar", &["baz"]), ("baz", &[])]), [0, 0, 0]);
        assert_eq!(grouped(&[("a", &["x"]), ("b", &["x"])]), [0, 0]);
        assert_eq!(grouped(&[("a", &[""]), ("b", &[""])]), [0, 0]);
        assert_eq!(grouped(&[("a", &["CVE-1"]), ("b", &["cve-1"])]), [0, 1]);
    }

    #[test]
    fn a_chain_may_stay_split() {
        // Links A-C, B-D and C-D.
        let list: [(&str, &[&str]); 4] = [("A", &["ac"]), ("B", &["bd"]), ("C", &["ac", "cd"]), ("D", &["bd", "cd"])];
        assert_eq!(grouped(&list), [0, 1, 0, 0]);
    }

    #[test]
    fn upstream_ids_join_where_waivers_are_looked_up() {
        let a = Advisory { id: "DEBIAN-1".to_owned(), upstream: vec!["CVE-1".to_owned()], ..Advisory::default() };
        let b = Advisory { id: "CVE-1".to_owned(), ..Advisory::default() };
        assert_eq!(groups(&[&a, &b], false), [0, 1]);
        assert_eq!(groups(&[&a, &b], true), [0, 0]);
    }
}
