//! NuGet: four numbers, and labels whose case does not count.

use std::cmp::Ordering;

use super::number::Number;
use super::semver::Part;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NuGet {
    core: [Number; 4],
    pre: Vec<Part>,
}

impl NuGet {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.split('+').next()?.to_ascii_lowercase();
        let (core, pre) = text.split_once('-').map_or((&*text, None), |(core, pre)| (core, Some(pre)));
        let mut numbers: [Number; 4] = Default::default();
        for (at, part) in core.split('.').enumerate() {
            *numbers.get_mut(at)? = Number::parse(part)?;
        }
        Some(Self { core: numbers, pre: pre.map_or(Some(Vec::new()), Part::all)? })
    }
}

impl Ord for NuGet {
    fn cmp(&self, other: &Self) -> Ordering {
        let pre = self.pre.is_empty().cmp(&other.pre.is_empty()).then_with(|| self.pre.cmp(&other.pre));
        self.core.cmp(&other.core).then(pre)
    }
}

impl PartialOrd for NuGet {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
