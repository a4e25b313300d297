//! Who brings a package: a shortest way to it from what is asked for directly.

use crate::evidence::{Package, Scope};

/// What asks for what, by places in a list of packages.
#[derive(Debug)]
pub(super) struct Edges {
    /// Where in `to` that of each package begins, and where the last one ends.
    begins: Vec<usize>,
    to: Vec<usize>,
}

impl Edges {
    /// Of pairs: who asks, for what. `count` is how many packages there are; all places are below it.
    pub(super) fn of(count: usize, pairs: &[(usize, usize)]) -> Self {
        let mut begins = vec![0; count + 1];
        pairs.iter().for_each(|(from, _)| begins[from + 1] += 1);
        for at in 0..count {
            begins[at + 1] += begins[at];
        }
        let mut next = begins.clone();
        let mut all = vec![0; pairs.len()];
        for (from, to) in pairs {
            all[next[*from]] = *to;
            next[*from] += 1;
        }
        Self { begins, to: all }
    }

    /// What a package asks for, in the order of the pairs.
    pub(super) fn from(&self, at: usize) -> &[usize] {
        &self.to[self.begins[at]..self.begins[at + 1]]
    }
}

/// Marks what the roots ask for as direct and everything else that they lead to as transitive, and notes the package
/// that brings each.
pub(super) fn trace(packages: &mut [Package], roots: &[usize], edges: &Edges) {
    let is_root: Vec<bool> = {
        let mut is_root = vec![false; packages.len()];
        roots.iter().for_each(|root| is_root[*root] = true);
        is_root
    };
    let mut reached = is_root.clone();
    let mut front: Vec<usize> = Vec::new();
    for root in roots {
        packages[*root].direct = Some(true);
        for asked in edges.from(*root) {
            if !reached[*asked] {
                reached[*asked] = true;
                packages[*asked].direct = Some(true);
                front.push(*asked);
            }
        }
    }
    spread(packages, reached, front, edges);
}

/// As [`trace`], where the file says itself which packages are asked for directly: those are marked, and the rest is
/// transitive.
pub(super) fn trace_from(packages: &mut [Package], direct: &[usize], edges: &Edges) {
    let mut reached = vec![false; packages.len()];
    packages.iter_mut().for_each(|package| package.direct = Some(false));
    for at in direct {
        packages[*at].direct = Some(true);
        reached[*at] = true;
    }
    spread(packages, reached, direct.to_vec(), edges);
}

/// As [`trace`], from the projects of the repository: `asked` is what they ask for, and `production`, if it is known, what
/// of that they need to run, which tells for what everything is needed.
pub(super) fn trace_projects(
    packages: &mut Vec<Package>,
    mut pairs: Vec<(usize, usize)>,
    asked: impl IntoIterator<Item = usize>,
    production: Option<Vec<usize>>,
) {
    // The projects as one more package, which is taken away again.
    let count = packages.len();
    pairs.extend(asked.into_iter().map(|asked| (count, asked)));
    let edges = Edges::of(count + 1, &pairs);
    if let Some(mut front) = production {
        let mut is_reached = vec![false; count];
        while let Some(at) = front.pop() {
            if !std::mem::replace(&mut is_reached[at], true) {
                front.extend(edges.from(at));
            }
        }
        for (package, is_reached) in packages.iter_mut().zip(is_reached) {
            package.scope = Some(if is_reached { Scope::Production } else { Scope::Development });
        }
    }
    packages.push(Package::default());
    trace(packages, &[count], &edges);
    packages.truncate(count);
}

fn spread(packages: &mut [Package], mut reached: Vec<bool>, mut front: Vec<usize>, edges: &Edges) {
    while !front.is_empty() {
        let mut next = Vec::new();
        for from in front {
            for to in edges.from(from) {
                if !reached[*to] {
                    reached[*to] = true;
                    packages[*to].direct = Some(false);
                    packages[*to].parent = u32::try_from(from).ok();
                    next.push(*to);
                }
            }
        }
        front = next;
    }
}
