//! The arguments of the command line.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};
use clap_complete::Shell;
use jiff::Timestamp;

use crate::engine::AdvisoriesFrom;

/// Tells how sound a source repository is.
///
/// carat looks at a repository, answers the questions of OpenSSF Scorecard about it, and scores it from 0 to 10.
#[derive(Parser)]
#[command(name = "carat", version, arg_required_else_help = true, max_term_width = 100)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Score a repository: on GitHub, or on this machine as a clone, a bare repository or a folder.
    Score(Box<Score>),
    /// List the packages that the files of a repository name: lock files, manifests, lists of parts.
    Packages(Packages),
    /// List the checks, what they ask, and where the answer comes from.
    Checks,
    /// Explain a check or a probe: what it looks for, why, and how to mend what it finds.
    Explain {
        /// The name of a check or the id of a probe, in any case.
        name: String,
    },
    /// Look after the advisory database: what is known of vulnerable packages, on this machine.
    Advisories {
        #[command(subcommand)]
        what: Advisories,
    },
    /// Tell what is kept of repositories on hosts, or remove it.
    Cache {
        #[command(subcommand)]
        what: CacheCommand,
    },
    /// Write a script that completes the arguments of carat in a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
}

#[derive(Args)]
pub(super) struct Packages {
    /// A clone, a bare repository or a folder on this machine; with @REV behind it, a branch, tag or commit.
    #[arg(value_name = "PATH[@REV]", value_hint = ValueHint::DirPath)]
    pub(super) path: OsString,

    /// List those of this branch, tag or commit, as @REV does.
    #[arg(long, value_name = "REV")]
    pub(super) commit: Option<String>,

    /// How to write them.
    #[arg(short, long, value_enum, default_value = "table")]
    pub(super) format: PackageFormat,

    /// How many threads read files; as many as there are processors by default.
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<NonZeroUsize>,

    /// The moment to write into the result, as an RFC 3339 time.
    #[arg(long, value_name = "TIME")]
    pub(super) as_of: Option<Timestamp>,
}

/// A form of the list of packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum PackageFormat {
    /// A row for each.
    Table,
    /// Everything, for tools.
    Json,
    /// A package URL a line.
    Purl,
    /// A list of parts in CycloneDX 1.6, as JSON.
    Cyclonedx,
    /// A list of parts in SPDX 2.3, as JSON.
    Spdx,
}

#[derive(Subcommand)]
pub(super) enum CacheCommand {
    /// Tell where the cache is, and how much it holds.
    Size,
    /// Remove all of it but for what runs are using.
    Clear,
}

#[derive(Subcommand)]
pub(super) enum Advisories {
    /// Bring the database up to date; without options, all that it has. A new one begins with the ecosystems of lockfiles.
    #[command(after_help = "Exit code 5 if anything could not be brought up to date; what the database had of it stays.")]
    Update(Update),
    /// Tell where the database is, what it is made of, and how old that is.
    Status(Status),
}

#[derive(Args)]
pub(super) struct Update {
    /// Fetch the archive of this ecosystem, as OSV names it: crates.io, npm, PyPI ...; "all" stands for every one. May be
    /// given several times.
    #[arg(long = "ecosystem", value_name = "NAME")]
    pub(super) ecosystems: Vec<String>,

    /// Read advisories from here: a folder of OSV files (JSON or YAML), a ZIP archive of them, or an address, of such an
    /// archive if it ends in .zip, else of a mirror of OSV's archives. May be given several times.
    #[arg(long, value_name = "DIR|ZIP|URL", value_hint = ValueHint::AnyPath)]
    pub(super) from: Vec<String>,

    /// Where the database is; CARAT_ADVISORIES_DIR says the same.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(super) database: Option<PathBuf>,

    /// Also trust the certificates in this file (PEM); SSL_CERT_FILE names one more.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) ca_cert: Vec<PathBuf>,

    /// Show no progress.
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,

    /// Name everything that is skipped, and why.
    #[arg(short, long)]
    pub(super) verbose: bool,
}

#[derive(Args)]
pub(super) struct Status {
    /// Where the database is; CARAT_ADVISORIES_DIR says the same.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(super) database: Option<PathBuf>,

    /// How to write it.
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub(super) format: StatusFormat,
}

/// How the state of the database is written.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum StatusFormat {
    /// For people.
    Table,
    /// For programs.
    Json,
}

/// From where advisories come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum AdvisorySource {
    /// The database on this machine.
    Local,
    /// OSV's service: it is told the names and versions of all packages.
    Api,
}

impl From<AdvisorySource> for AdvisoriesFrom {
    fn from(source: AdvisorySource) -> Self {
        match source {
            AdvisorySource::Local => Self::Database,
            AdvisorySource::Api => Self::Api,
        }
    }
}

/// The heading of what matters where vulnerabilities are looked for.
const ADVISORIES: &str = "Advisories";

/// The heading of what matters only where hosts are asked.
const HOSTS: &str = "Hosts";

#[derive(Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Score {
    /// What to score: OWNER/NAME or the address of a repository on a host, or a folder on this machine; with @REV behind
    /// it, a branch, tag or commit. A folder that exists wins over a name; github.com/OWNER/NAME is never a folder.
    #[arg(value_name = "TARGET[@REV]", value_hint = ValueHint::DirPath, required_unless_present_any = ["evidence", "repos", "orgs"])]
    pub(super) targets: Vec<OsString>,

    /// Also score the targets in this file, one a line; "-" is standard input. Empty lines and those with a # are passed over.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) repos: Option<PathBuf>,

    /// Also score what this organisation or user owns, as far as the token sees it: NAME or HOST/NAME. May be given several
    /// times.
    #[arg(long = "org", value_name = "NAME", conflicts_with = "evidence")]
    pub(super) orgs: Vec<String>,

    /// With --org, also archived repositories.
    #[arg(long, requires = "orgs")]
    pub(super) archived: bool,

    /// With --org, also forks.
    #[arg(long, requires = "orgs")]
    pub(super) forks: bool,

    /// How many repositories are scored at once.
    #[arg(long, value_name = "N", default_value = "8", value_parser = jobs)]
    pub(super) jobs: NonZeroUsize,

    /// How many minutes one target may take, without waits until limits end: those are bounded by --max-wait.
    #[arg(long, value_name = "MINUTES", default_value = "10", value_parser = minutes)]
    pub(super) timeout: f64,

    /// Judge a saved run instead, as --format evidence=FILE wrote it; by the same checks, unless others are named.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath,
          conflicts_with_all = ["targets", "repos", "commit", "untracked", "with_sources", "threads"])]
    pub(super) evidence: Option<PathBuf>,

    /// Score the tree of this branch, tag or commit, as @REV does.
    #[arg(long, value_name = "REV")]
    pub(super) commit: Option<String>,

    /// Run these checks only.
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub(super) checks: Vec<String>,

    /// Leave these checks out.
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub(super) skip: Vec<String>,

    /// Run these probes; without --checks no check runs.
    #[arg(long, value_name = "ID,...", value_delimiter = ',')]
    pub(super) probes: Vec<String>,

    /// Also run the experimental checks, SBOM and Webhooks.
    #[arg(long)]
    pub(super) experimental: bool,

    /// How to write the result: table, json, ndjson, probe or evidence; with =FILE into a file. May be given several times.
    #[arg(short, long = "format", value_name = "FORMAT[=FILE]")]
    pub(super) formats: Vec<OsString>,

    /// Write the result into this file.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) output: Option<PathBuf>,

    /// In tables, show what each score rests on and what to do about it.
    #[arg(long)]
    pub(super) details: bool,

    /// Show what the maintainers say about scores below 10 in a scorecard.yml. It changes no score.
    #[arg(long)]
    pub(super) show_annotations: bool,

    /// Judge as of this day or moment, in UTC, instead of now.
    #[arg(long, value_name = "DATE", value_parser = moment)]
    pub(super) as_of: Option<Timestamp>,

    /// In evidence, keep the texts of the files that were read as a whole.
    #[arg(long)]
    pub(super) with_sources: bool,

    /// End with exit code 1 if the total is below this, or if there is none.
    #[arg(long, value_name = "0..10", value_parser = total)]
    pub(super) fail_under: Option<f64>,

    /// Compare --fail-under with the low end of the interval in which the total would lie if nothing were missing.
    #[arg(long, requires = "fail_under")]
    pub(super) low_end: bool,

    /// End with exit code 4 if a selected check that this kind of target offers could not judge.
    #[arg(long)]
    pub(super) require_complete: bool,

    /// Ask nobody: score what is on this machine, or what is in the cache by a commit's full id.
    #[arg(long)]
    pub(super) offline: bool,

    /// Show what would be asked of whom, and what it costs, without asking.
    #[arg(long, conflicts_with = "evidence")]
    pub(super) plan: bool,

    /// Also ask the host of a clone's remote "origin", which has to be one that you have configured.
    #[arg(long, conflicts_with = "evidence", help_heading = HOSTS)]
    pub(super) with_host: bool,

    /// The GitHub Enterprise host of a bare OWNER/NAME; GH_HOST says the same.
    #[arg(long, value_name = "HOST", help_heading = HOSTS)]
    pub(super) host: Option<String>,

    /// Where to take the token of a host from, in place of variables: gh, GitHub's own program, after gh auth login.
    #[arg(long, value_name = "PROGRAM", help_heading = HOSTS)]
    pub(super) token_from: Option<TokenFrom>,

    /// How many commits to look at where history matters; 0 stands for 30.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true, value_parser = depth, help_heading = HOSTS)]
    pub(super) commit_depth: usize,

    /// Also score a commit that no branch of its repository leads to: it may come from a fork.
    #[arg(long, help_heading = HOSTS)]
    pub(super) allow_unreachable: bool,

    /// Keep nothing of what is fetched, and use nothing that was kept.
    #[arg(long, help_heading = HOSTS)]
    pub(super) no_cache: bool,

    /// Where known vulnerabilities come from. By default the database of `carat advisories update`, if there is one; else
    /// OSV's service for repositories on hosts, and nothing for what is on this machine.
    #[arg(long, value_enum, value_name = "SOURCE", help_heading = ADVISORIES)]
    pub(super) advisories: Option<AdvisorySource>,

    /// Where the advisory database is; CARAT_ADVISORIES_DIR says the same.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = ADVISORIES)]
    pub(super) database: Option<PathBuf>,

    /// Warn if the advisories are older than this.
    #[arg(long, value_name = "DAYS", default_value = "14", help_heading = ADVISORIES)]
    pub(super) max_advisory_age: u32,

    /// Exit with 4 if they are.
    #[arg(long, help_heading = ADVISORIES)]
    pub(super) require_fresh: bool,

    /// Also trust the certificates in this file (PEM); SSL_CERT_FILE names one more.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = HOSTS)]
    pub(super) ca_cert: Vec<PathBuf>,

    /// How many minutes to wait at most until a host's limit ends.
    #[arg(long, value_name = "MINUTES", default_value_t = 15, help_heading = HOSTS)]
    pub(super) max_wait: u64,

    /// Also look at files that Git neither tracks nor ignores.
    #[arg(long)]
    pub(super) untracked: bool,

    /// How many threads read files and judge [default: one for each processor].
    #[arg(long, value_name = "N", value_parser = threads)]
    pub(super) threads: Option<NonZeroUsize>,

    /// Say nothing on standard error but errors.
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,

    /// Say on standard error what was done.
    #[arg(short, long)]
    pub(super) verbose: bool,
}

/// A program that keeps tokens.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(super) enum TokenFrom {
    /// GitHub's own program.
    Gh,
}

/// How many commits are looked at: as many as a host shows in a hundred pages.
fn depth(text: &str) -> Result<usize, String> {
    const MOST: usize = 10_000;
    match text.parse() {
        Ok(depth) if depth <= MOST => Ok(depth),
        _ => Err(format!("a whole number from 0 to {MOST} is wanted")),
    }
}

fn total(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(total) if (0.0..=10.0).contains(&total) => Ok(total),
        _ => Err("a total is a number from 0 to 10".to_owned()),
    }
}

fn jobs(text: &str) -> Result<NonZeroUsize, String> {
    let few = text.parse().ok().filter(|jobs: &NonZeroUsize| jobs.get() <= 64);
    few.ok_or_else(|| "a number of repositories from 1 to 64".to_owned())
}

fn minutes(text: &str) -> Result<f64, String> {
    const MOST: f64 = 24.0 * 60.0;
    match text.parse::<f64>() {
        Ok(minutes) if minutes > 0.0 && minutes <= MOST => Ok(minutes),
        _ => Err(format!("a number of minutes above 0, at most {MOST}")),
    }
}

fn threads(text: &str) -> Result<NonZeroUsize, String> {
    let few = text.parse().ok().filter(|threads: &NonZeroUsize| threads.get() <= 512);
    few.ok_or_else(|| "a number of threads from 1 to 512".to_owned())
}

fn moment(text: &str) -> Result<Timestamp, String> {
    let day = || text.parse::<jiff::civil::Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|day| day.timestamp());
    text.parse().ok().or_else(day).ok_or_else(|| "a day as 2026-11-25, or a moment as 2026-11-25T12:00:00Z".to_owned())
}

const EXIT_CODES: &str = "\
Exit codes:
    0  done
    1  done, and --fail-under failed
    2  wrong usage
    3  a target could not be assessed
    4  incomplete where --require-complete demanded more
    5  output could not be written
   70  a bug in carat
  130  interrupted";

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn arguments_are_consistent() {
        Cli::command().debug_assert();
    }
}
