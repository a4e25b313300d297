#![doc = include_str!("README.md")]

use std::collections::BTreeSet;

use crate::check::{AnsweredBy, Check, CheckMeta, Detail, Risk, Verdict, gaps};
use crate::evidence::{Evidence, Facet, FuzzMark, Gap, Language};
use crate::finding::{Effort, Finding, Location, LocationKind, Outcome};
use crate::parse::{LANGUAGES, is_clusterfuzzlite, language_of};
use crate::path;
use crate::probe::{MOST_FINDINGS, Probe, ProbeMeta};

/// Whether the project fuzzes its code.
pub struct FuzzingCheck;

static CHECK: CheckMeta = CheckMeta {
    name: "Fuzzing",
    risk: Risk::Medium,
    short: "Is the code fuzzed, or tested by properties?",
    answered_by: AnsweredBy::Files,
    readme: include_str!("README.md"),
};

static FUZZED: ProbeMeta = ProbeMeta {
    id: "fuzzed",
    question: "a fuzzer or a library for property-based tests is in use",
    good: Some(Outcome::True),
    remedy: "Add a fuzz target: `go test -fuzz`, `cargo fuzz init`, Atheris for Python, Jazzer for Java, libFuzzer for C, C++ and Swift, \
             fast-check for JavaScript. Run it in continuous integration with ClusterFuzzLite (https://google.github.io/clusterfuzzlite), \
             or ask OSS-Fuzz (https://google.github.io/oss-fuzz) to.",
    effort: Effort::High,
    needs: &[Facet::Files, Facet::Fuzzing],
    uses: &[Facet::OssFuzz, Facet::Languages],
};

struct Fuzzed;

impl Check for FuzzingCheck {
    fn meta(&self) -> &CheckMeta {
        &CHECK
    }

    fn probes(&self) -> &'static [&'static dyn Probe] {
        &[&Fuzzed]
    }

    fn score(&self, findings: &[Finding]) -> Verdict {
        let details = Detail::of_all(findings);
        let found: Vec<&Finding> = findings.iter().filter(|f| f.outcome == Outcome::True).collect();
        let mut gaps = gaps(findings);
        if found.is_empty() {
            // Fewer languages would find no more.
            gaps.retain(|gap| gap.facet != Facet::Languages);
            return Verdict::scored(0, "no fuzzing found", details).limited(0, 10, gaps);
        }
        // Marks count in prominent languages only, and which those are only a host tells. What was found beside them
        // counts anyhow, and nothing that is still missing could lower the score.
        let certain = found.iter().any(|finding| finding.location.is_none());
        gaps.retain(|gap| gap.facet == Facet::Languages);
        let low = if certain { 10 } else { 0 };
        Verdict::scored(10, "fuzzing found", details).limited(low, 10, gaps)
    }
}

/// The languages, as places in [`LANGUAGES`], that are prominent: those with at least a quarter of the average share.
fn prominent(languages: &[Language]) -> BTreeSet<usize> {
    let total: u128 = languages.iter().map(|language| u128::from(language.bytes)).sum();
    let Some(average) = total.checked_div(languages.len() as u128) else { return BTreeSet::new() };
    let share = |name: &str| -> u128 {
        let named = languages.iter().filter(|language| language.name.to_lowercase() == name);
        named.map(|language| u128::from(language.bytes)).sum()
    };
    let named = |name: &str| languages.iter().any(|language| language.name.to_lowercase() == name);
    (0..LANGUAGES.len()).filter(|index| named(LANGUAGES[*index].name) && share(LANGUAGES[*index].name) >= average / 4).collect()
}

/// The marks in the order of the reference: by language, and twice those in files of the first of two endings.
fn in_order(marks: &[FuzzMark], is_prominent: impl Fn(usize) -> bool) -> Vec<(&FuzzMark, &'static str)> {
    let mut out = Vec::with_capacity(marks.len());
    let mut by_language: Vec<(Vec<&FuzzMark>, Vec<&FuzzMark>)> = LANGUAGES.iter().map(|_| Default::default()).collect();
    for mark in marks {
        if let Some((language, ending)) = language_of(mark.path.as_bytes()).filter(|(language, _)| is_prominent(*language)) {
            let (first, second) = &mut by_language[language];
            if ending == 0 { first.push(mark) } else { second.push(mark) }
        }
    }
    for ((first, second), language) in by_language.iter().zip(&LANGUAGES) {
        let again = if language.endings.len() > 1 { &first[..] } else { &[] };
        out.extend(first.iter().chain(again).chain(second).map(|mark| (*mark, language.tool)));
    }
    out
}

impl Probe for Fuzzed {
    fn meta(&self) -> &ProbeMeta {
        &FUZZED
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        let (files, fuzzing) = match (evidence.files.get(), evidence.fuzzing.get()) {
            (Ok(files), Ok(fuzzing)) => (files, fuzzing),
            (Err(gap), _) | (_, Err(gap)) => return vec![FUZZED.unanswered(gap)],
        };
        if let Some(gap) = FUZZED.uses.iter().find_map(|facet| evidence.failed(*facet)) {
            return vec![FUZZED.unanswered(gap)];
        }
        let languages = evidence.languages.get().ok().map(|languages| prominent(languages));
        let is_prominent = |language: usize| languages.as_ref().is_none_or(|prominent| prominent.contains(&language));
        let mut findings = Vec::new();
        if fuzzing.clusterfuzzlite {
            findings.push(Finding::new(FUZZED.id, Outcome::True, "fuzzed with ClusterFuzzLite").value("tool", "ClusterFuzzLite"));
        }
        if evidence.oss_fuzz.get().is_ok_and(|builds| *builds) {
            findings.push(Finding::new(FUZZED.id, Outcome::True, "OSS-Fuzz builds the project").value("tool", "OSSFuzz"));
        }
        findings.extend(in_order(&fuzzing.marks, is_prominent).into_iter().take(MOST_FINDINGS + 1).map(|(mark, tool)| {
            Finding::new(FUZZED.id, Outcome::True, format!("fuzzed with {tool}"))
                .at(Location::file(&mark.path, LocationKind::Source).at(mark.line).with_snippet(mark.text.as_bytes()))
                .value("tool", tool)
        }));
        if findings.is_empty() {
            findings.push(Finding::new(FUZZED.id, Outcome::False, "no fuzzing found"));
        }
        let is_searched = |path: &[u8]| language_of(path).is_some_and(|(language, _)| is_prominent(language));
        let counts = |path: &[u8]| is_clusterfuzzlite(path) || is_searched(path) && !path::is_test_data(path);
        let unread = files.unread(counts).chain(files.unlisted(|folder| !path::is_test_data(folder)));
        let gaps = FUZZED.uses.iter().filter_map(|facet| evidence.unseen(*facet));
        findings[0].without.extend(gaps.chain(Gap::of_files(Facet::Fuzzing, unread)));
        findings
    }
}
