//! Models: which checks count, with what weights, and the total over them.

use serde::{Deserialize, Serialize};

use crate::check::{Risk, Verdict};

/// A scoring model, as data.
#[derive(Debug)]
pub struct Model {
    /// Its name.
    pub name: &'static str,
    /// The version of the reference whose scores it gives.
    pub reference: Reference,
    /// The checks that count, with the risk that decides their weight.
    pub checks: &'static [(&'static str, Risk)],
    /// Checks that run only when named, or with all experimental ones.
    pub experimental: &'static [(&'static str, Risk)],
}

/// A version of the reference, ossf/scorecard.
#[derive(Debug)]
pub struct Reference {
    /// Its version.
    pub version: &'static str,
    /// Its commit.
    pub commit: &'static str,
}

/// The model of OpenSSF Scorecard 5: the checks that it runs by default, with its weights.
pub const SCORECARD_V5: Model = Model {
    name: "scorecard-v5",
    reference: Reference { version: "v5.5.0-19-g40c1e3599", commit: "40c1e35996730d4fdcbdb2e6a23917a2467e29b7" },
    checks: &[
        ("Binary-Artifacts", Risk::High),
        ("Branch-Protection", Risk::High),
        ("CI-Tests", Risk::Low),
        ("CII-Best-Practices", Risk::Low),
        ("Code-Review", Risk::High),
        ("Contributors", Risk::Low),
        ("Dangerous-Workflow", Risk::Critical),
        ("Dependency-Update-Tool", Risk::High),
        ("Fuzzing", Risk::Medium),
        ("License", Risk::Low),
        ("Maintained", Risk::High),
        ("Packaging", Risk::Medium),
        ("Pinned-Dependencies", Risk::Medium),
        ("SAST", Risk::Medium),
        ("Security-Policy", Risk::Medium),
        ("Signed-Releases", Risk::High),
        ("Token-Permissions", Risk::High),
        ("Vulnerabilities", Risk::High),
    ],
    experimental: &[("SBOM", Risk::Medium), ("Webhooks", Risk::Critical)],
};

/// The total over the checks of a run, and how far it can be trusted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Total {
    /// The weighted mean of the conclusive checks, from 0 to 10; `None` if there is none.
    pub score: Option<f64>,
    /// Between which totals it would lie if nothing were missing; `None` if no check could be scored at all.
    pub interval: Option<(f64, f64)>,
    /// How many checks could judge.
    pub completeness: Completeness,
}

/// How many checks could judge, of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completeness {
    /// Checks with a score, or with nothing to judge.
    pub judged: usize,
    /// Those of the run that this kind of target offers.
    pub possible: usize,
    /// Those of the run.
    pub selected: usize,
    /// Those that the model counts.
    pub model: usize,
}

impl Completeness {
    /// Whether every check of the run that this kind of target offers could judge.
    #[must_use]
    pub const fn is_complete(self) -> bool {
        self.judged == self.possible
    }
}

impl Model {
    /// The weight of a check in the total.
    ///
    /// A check that the model does not know does not count.
    #[must_use]
    pub fn weight(&self, check: &str) -> f64 {
        let all = self.checks.iter().chain(self.experimental);
        all.filter(|(name, _)| *name == check).map(|(_, risk)| risk.weight()).sum()
    }

    /// The total over the checks of a run: name, verdict, and whether the target can answer it at all.
    ///
    /// The interval runs over the checks that the target offers: a limited one lies within its bounds, one with a gap
    /// anywhere from 0 to 10, one with nothing to judge is left out.
    pub fn total<'a>(&self, verdicts: impl IntoIterator<Item = (&'a str, &'a Verdict, bool)>) -> Total {
        let (mut sum, mut weights) = (0.0, 0.0);
        let (mut low, mut high, mut reachable) = (0.0, 0.0, 0.0);
        let mut completeness = Completeness { model: self.checks.len(), ..Completeness::default() };
        for (check, verdict, offered) in verdicts {
            let weight = self.weight(check);
            completeness.selected += 1;
            completeness.possible += usize::from(offered);
            let (from, to) = match verdict {
                Verdict::Scored { score, bounds, .. } => {
                    sum += weight * f64::from(*score);
                    weights += weight;
                    completeness.judged += 1;
                    *bounds
                }
                Verdict::Inconclusive { gaps, .. } if gaps.is_empty() => {
                    completeness.judged += 1;
                    continue;
                }
                Verdict::Inconclusive { .. } if offered => (0, 10),
                Verdict::Inconclusive { .. } => continue,
            };
            low += weight * f64::from(from);
            high += weight * f64::from(to);
            reachable += weight;
        }
        Total {
            score: (weights > 0.0).then(|| sum / weights),
            interval: (reachable > 0.0).then(|| (low / reachable, high / reachable)),
            completeness,
        }
    }
}

/// A total as the reference prints it: one decimal, −1 for none.
#[must_use]
pub fn rounded(score: Option<f64>) -> f64 {
    let Some(score) = score else { return -1.0 };
    // Through text, because that is where the reference rounds: to the nearest, exact halves to the even digit.
    format!("{score:.1}").parse().unwrap_or(score)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Cause, Facet, Gap};

    #[test]
    fn total_weighs_conclusive_checks_and_the_interval_weighs_what_is_offered() {
        let gap = || vec![Gap::new(Facet::Workflows, Cause::Offline)];
        let scored = Verdict::scored(10, "", Vec::new());
        let limited = Verdict::scored(9, "", Vec::new()).limited(9, 10, gap());
        let unknown = Verdict::unknown(gap(), Vec::new());
        let total = SCORECARD_V5.total([
            ("Binary-Artifacts", &scored, true),
            ("License", &limited, true),
            ("SAST", &unknown, true),
            ("Code-Review", &unknown, false),
        ]);
        assert_eq!(total.score, Some((75.0 + 22.5) / 10.0));
        assert_eq!(total.interval, Some(((75.0 + 22.5) / 15.0, (75.0 + 25.0 + 50.0) / 15.0)));
        assert_eq!(total.completeness, Completeness { judged: 2, possible: 3, selected: 4, model: 18 });
        assert!(!total.completeness.is_complete());
    }

    #[test]
    fn nothing_conclusive_has_no_total() {
        let nothing = Verdict::nothing_to_judge("", Vec::new());
        let total = SCORECARD_V5.total([("SAST", &nothing, true), ("License", &nothing, true)]);
        assert_eq!((total.score, total.interval), (None, None));
        assert!(total.completeness.is_complete());
        assert_eq!(rounded(None).to_string(), "-1");
    }

    #[test]
    fn totals_round_as_the_reference_does() {
        assert_eq!(rounded(Some(6.25)), 6.2);
        assert_eq!(rounded(Some(6.35)), 6.3); // the double lies below
        assert_eq!(rounded(Some(9.96)), 10.0);
    }
}
