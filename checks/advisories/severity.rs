//! How bad a vulnerability is.

use std::str::FromStr as _;

use super::Vector;
use crate::evidence::Severity;

/// The rating of the newest form of vector that can be read, the worst of several; else a word that says it.
pub(super) fn of<'a>(vectors: impl Iterator<Item = &'a Vector>, words: impl Iterator<Item = &'a str>) -> Option<Severity> {
    let rated = vectors.filter_map(|vector| {
        let read = cvss::Cvss::from_str(&vector.score).ok().filter(|_| is_whole(&vector.score))?;
        let form = match read {
            cvss::Cvss::CvssV40(_) => 2,
            _ => 1,
        };
        Some((form, rating(read.score())))
    });
    rated.max().map(|(_, rating)| rating).or_else(|| words.filter_map(word).max())
}

/// Whether a vector of CVSS 3 has all of its base metrics. One without some scores nothing, which is no rating. Vectors of
/// CVSS 4 are not read without theirs.
fn is_whole(vector: &str) -> bool {
    const BASE: [&str; 8] = ["AV", "AC", "PR", "UI", "S", "C", "I", "A"];
    let has = |metric: &str| vector.split('/').any(|part| part.split_once(':').is_some_and(|(name, _)| name == metric));
    !vector.starts_with("CVSS:3") || BASE.into_iter().all(has)
}

/// The word for a score from 0 to 10
/// (<https://www.first.org/cvss/v3.1/specification-document#Qualitative-Severity-Rating-Scale>).
fn rating(score: f64) -> Severity {
    match score {
        score if score >= 9.0 => Severity::Critical,
        score if score >= 7.0 => Severity::High,
        score if score >= 4.0 => Severity::Medium,
        score if score > 0.0 => Severity::Low,
        _ => Severity::None,
    }
}

fn word(word: &str) -> Option<Severity> {
    Some(match &*word.to_ascii_lowercase() {
        "critical" => Severity::Critical,
        "high" | "important" => Severity::High,
        "medium" | "moderate" => Severity::Medium,
        "low" => Severity::Low,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rated(vectors: &[&str], words: &[&str]) -> Option<Severity> {
        let vectors: Vec<Vector> = vectors.iter().map(|score| Vector { r#type: String::new(), score: (*score).to_owned() }).collect();
        of(vectors.iter(), words.iter().copied())
    }

    /// The vectors and scores are those of FIRST's examples (<https://www.first.org/cvss/v3.1/examples>,
    /// <https://www.first.org/cvss/v4.0/examples>).
    #[test]
    fn vectors_are_rated() {
        for (vector, want) in [
            ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:L/I:L/A:N", Severity::Medium), // 5.4
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", Severity::Medium), // 6.1
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", Severity::High),   // 7.5, Heartbleed
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Severity::Critical), // 9.8, Shellshock
            ("CVSS:3.0/AV:L/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", Severity::None),
            ("CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", Severity::High), // 7.3
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", Severity::Critical), // 10.0, Log4Shell
        ] {
            assert_eq!(rated(&[vector], &[]), Some(want), "{vector}");
        }
    }

    #[test]
    fn the_newest_form_wins_and_words_are_the_last_resort() {
        let old = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
        let new = "CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N";
        assert_eq!(rated(&[old, new], &["LOW"]), Some(Severity::High));
        assert_eq!(rated(&["CVSS:9/x"], &["MODERATE"]), Some(Severity::Medium));
        assert_eq!(rated(&[], &["whatever"]), None);
        assert_eq!(rated(&["CVSS:3.1/AV:N"], &["LOW"]), Some(Severity::Low), "half a vector is no rating");
        assert_eq!(rated(&["CVSS:4.0/AV:N"], &[]), None);
    }
}
