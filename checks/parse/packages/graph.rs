//! Who brings a package: a shortest way to it from what is asked for directly.

use crate::evidence::Package;

/// Marks what the roots ask for as direct and everything else that they lead to as transitive, and notes the package
/// that brings each. `edges` holds, of each package, the places of what it asks for.
pub(super) fn trace(packages: &mut [Package], roots: &[usize], edges: &[Vec<usize>]) {
    let is_root: Vec<bool> = {
        let mut is_root = vec![false; packages.len()];
        roots.iter().for_each(|root| is_root[*root] = true);
        is_root
    };
    let mut reached = is_root.clone();
    let mut front: Vec<usize> = Vec::new();
    for root in roots {
        packages[*root].direct = Some(true);
        for asked in &edges[*root] {
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
pub(super) fn trace_from(packages: &mut [Package], direct: &[usize], edges: &[Vec<usize>]) {
    let mut reached = vec![false; packages.len()];
    packages.iter_mut().for_each(|package| package.direct = Some(false));
    for at in direct {
        packages[*at].direct = Some(true);
        reached[*at] = true;
    }
    spread(packages, reached, direct.to_vec(), edges);
}

fn spread(packages: &mut [Package], mut reached: Vec<bool>, mut front: Vec<usize>, edges: &[Vec<usize>]) {
    while !front.is_empty() {
        let mut next = Vec::new();
        for from in front {
            for to in &edges[from] {
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
