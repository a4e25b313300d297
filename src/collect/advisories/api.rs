//! OSV's service (<https://google.github.io/osv.dev/api/>).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bytes::Bytes;
use carat_checks::advisories::{Affects, Record, affects};
use carat_checks::evidence::{Advisories, AdvisorySource, Cause, Inventory};
use carat_checks::vulnerabilities::{Asked, asked};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use http::Request;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Collected;
use crate::cache::Cache;
use crate::engine::as_of;
use crate::http::{Client, Service};

/// Where the service is, unless the user says otherwise.
pub(crate) const ADDRESS: &str = "https://api.osv.dev";

/// How many questions stand in one request: as many as the service takes.
const BATCH: usize = 1_000;
/// How many requests are under way at once.
const AT_ONCE: usize = 8;
/// How many pages of one question are followed.
const PAGES: usize = 100;
/// The longest answers that are read, in bytes.
const LONGEST_BATCH: usize = 64 << 20;
const LONGEST_RECORD: usize = 8 << 20;
/// How long an advisory of a certain state is kept: it does not change.
const KEPT: std::time::Duration = std::time::Duration::from_secs(90 * 24 * 60 * 60);

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
struct Query {
    #[serde(skip_serializing_if = "Option::is_none")]
    package: Option<Package>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_token: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
struct Package {
    name: String,
    ecosystem: String,
}

#[derive(Deserialize)]
struct Batch {
    results: Vec<Answer>,
}

#[derive(Default, Deserialize)]
struct Answer {
    #[serde(default)]
    vulns: Vec<Named>,
    #[serde(default)]
    next_page_token: Option<String>,
}

#[derive(Clone, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    id: String,
    #[serde(default)]
    modified: String,
}

/// Asks about all packages, and about the commit of the repository if there is one.
pub(crate) async fn ask(
    client: &Client,
    cache: &Cache,
    address: &str,
    inventory: &Inventory,
    own: Option<&str>,
    now: Timestamp,
) -> Result<Advisories, Cause> {
    let asked = asked(inventory, now);
    let mut queries: Vec<Query> = Vec::new();
    let mut places: HashMap<Query, usize> = HashMap::new();
    let mut place = |query: Query| {
        *places.entry(query).or_insert_with_key(|query| {
            queries.push(query.clone());
            queries.len() - 1
        })
    };
    let of_commit = |commit: &str| Query { package: None, version: None, commit: Some(commit.to_owned()), page_token: None };
    let of_asked: Vec<usize> = asked
        .iter()
        .map(|one| match one.ecosystem {
            None => place(of_commit(&one.version)),
            Some(ecosystem) => place(Query {
                package: Some(Package { name: one.name.to_owned(), ecosystem: ecosystem.name().to_owned() }),
                version: Some(one.version.clone().into_owned()),
                commit: None,
                page_token: None,
            }),
        })
        .collect();
    let of_own = own.map(|commit| place(of_commit(commit)));
    let named = names(client, address, queries).await?;
    let wanted: BTreeSet<&Named> = named.iter().flatten().collect();
    let records: BTreeMap<&str, Record> = stream::iter(wanted)
        .map(|one| async move { Ok::<_, Cause>((one.id.as_str(), record(client, cache, address, one).await?)) })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let mut collected = Collected::default();
    for (one, place) in asked.iter().zip(of_asked) {
        for record in named[place].iter().filter_map(|named| records.get(named.id.as_str())) {
            let told = || match one.ecosystem {
                Some(ecosystem) => record.told(ecosystem, one.name),
                None => record.told_of_none(),
            };
            collected.add(one, &record.id, named_affects(one, record), told);
        }
    }
    let own = of_own.map(|place| {
        let records = named[place].iter().filter_map(|named| records.get(named.id.as_str()));
        records.map(|record| collected.place(&record.id, || record.told_of_none())).collect()
    });
    let mut advisories = collected.advisories;
    advisories.own = own;
    advisories.sources = vec![AdvisorySource { name: address.to_owned(), as_of: as_of(now), etag: None, advisories: None }];
    Ok(advisories)
}

/// How an advisory concerns a package for which the service names it: that it does, the service has told.
fn named_affects(asked: &Asked<'_>, record: &Record) -> Affects {
    match asked.ecosystem.map(|ecosystem| affects(record, ecosystem, asked.name, &asked.version)) {
        Some(yes @ Affects::Yes { .. }) => yes,
        _ => Affects::Yes { fixed: None, unimportant: false },
    }
}

/// The ids that the service names for each question, all pages of them.
async fn names(client: &Client, address: &str, queries: Vec<Query>) -> Result<Vec<Vec<Named>>, Cause> {
    let mut found: Vec<Vec<Named>> = vec![Vec::new(); queries.len()];
    let mut open: Vec<(usize, Query)> = queries.into_iter().enumerate().collect();
    for _ in 0..PAGES {
        if open.is_empty() {
            return Ok(found);
        }
        let batches: Vec<(Vec<(usize, Query)>, Batch)> = stream::iter(open.chunks(BATCH).map(<[_]>::to_vec))
            .map(|batch| async move {
                let queries: Vec<&Query> = batch.iter().map(|(_, query)| query).collect();
                let body = serde_json::to_vec(&serde_json::json!({ "queries": queries })).map_err(|error| failed(error.to_string()))?;
                let request =
                    Request::post(format!("{address}/v1/querybatch")).header("content-type", "application/json").body(Bytes::from(body));
                let answer: Batch = send(client, address, request, LONGEST_BATCH).await?;
                Ok::<_, Cause>((batch, answer))
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        open = Vec::new();
        for (batch, answer) in batches {
            if batch.len() != answer.results.len() {
                return Err(failed(format!("{} answered {} of {} questions", host(address), answer.results.len(), batch.len())));
            }
            for ((place, query), answer) in batch.into_iter().zip(answer.results) {
                found[place].extend(answer.vulns);
                if let Some(token) = answer.next_page_token.filter(|token| !token.is_empty()) {
                    open.push((place, Query { page_token: Some(token), ..query }));
                }
            }
        }
    }
    Err(Cause::LimitReached { bound: format!("{PAGES} pages of {}", host(address)) })
}

/// One advisory, from the cache if it has the same state.
async fn record(client: &Client, cache: &Cache, address: &str, named: &Named) -> Result<Record, Cause> {
    const KIND: &str = "osv";
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    if named.id.is_empty() || named.id.len() > 256 || !named.id.chars().all(is_plain) || matches!(&*named.id, "." | "..") {
        return Err(failed(format!("{} names an advisory {:?}", host(address), named.id.chars().take(64).collect::<String>())));
    }
    let key = format!("{address} {} {}", named.id, named.modified);
    let read = |body: &[u8]| serde_json::from_slice::<Record>(body).ok();
    if let Some(record) = cache.get(KIND, &key, KEPT).filter(|_| !named.modified.is_empty()).and_then(|kept| read(&kept)) {
        return Ok(record);
    }
    let request = Request::get(format!("{address}/v1/vulns/{}", named.id)).body(Bytes::new());
    let record: Record = send(client, address, request, LONGEST_RECORD).await?;
    if let Ok(text) = serde_json::to_vec(&record) {
        // A cache that cannot be written costs a request, no more.
        let _ = cache.put(KIND, &key, &text);
    }
    Ok(record)
}

async fn send<T: for<'de> Deserialize<'de>>(
    client: &Client,
    address: &str,
    request: http::Result<Request<Bytes>>,
    most: usize,
) -> Result<T, Cause> {
    let host = host(address);
    let mut request = request.map_err(|_| failed(format!("{host} cannot be asked at this address")))?;
    request.headers_mut().insert("accept", http::HeaderValue::from_static("application/json"));
    let mut is_again = false;
    loop {
        let answer = client.send(Service::Osv, request.clone(), most).await.map_err(|failure| failed(failure.to_string()))?;
        if !answer.status().is_success() {
            return Err(failed(format!("{host} answered {}", answer.status().as_u16())));
        }
        match serde_json::from_slice(answer.body()) {
            Ok(read) => return Ok(read),
            // An answer may be spoilt on its way.
            Err(_) if !is_again => is_again = true,
            Err(error) => return Err(failed(format!("the answer of {host} cannot be read: {error}"))),
        }
    }
}

fn host(address: &str) -> &str {
    crate::hosts::authority_of(address)
}

const fn failed(why: String) -> Cause {
    Cause::Failed { why }
}

#[cfg(test)]
mod tests {
    use carat_checks::ecosystem::Ecosystem;
    use carat_checks::evidence::{Package, PackageFile};
    use carat_checks::path::RepoPath;
    use carat_checks::role::Role;
    use serde_json::{Value, json};

    use super::*;
    use crate::cache::CacheSettings;
    use crate::http::testing::{Reply, Seen, Server, client};

    fn package(name: &str, version: &str) -> Package {
        Package { ecosystem: Some(Ecosystem::Npm), name: name.to_owned(), version: version.to_owned(), ..Package::default() }
    }

    fn inventory(packages: Vec<Package>) -> Inventory {
        let path = RepoPath::from("package-lock.json");
        let role = Role::Production;
        let file =
            PackageFile { path, format: "package-lock.json".to_owned(), role, packages, broken: None, unseen: None, unresolved: None };
        Inventory { files: vec![file], ..Inventory::default() }
    }

    fn cache(folder: Option<&std::path::Path>) -> Cache {
        Cache::open(CacheSettings::new(folder.map(Into::into), std::env::temp_dir()))
    }

    fn queries(seen: &Seen) -> Vec<Value> {
        let body: Value = serde_json::from_slice(&seen.body).expect("JSON");
        body["queries"].as_array().expect("a list").clone()
    }

    fn record(id: &str) -> String {
        json!({"id": id, "modified": "2026-01-01T00:00:00Z", "affected": [{"package": {"ecosystem": "npm", "name": "aa"},
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.1.0"}]}]}]})
        .to_string()
    }

    /// A service that knows two advisories about `aa`, the second on a page of its own, and one about a commit.
    fn service() -> Server {
        Server::start(|_, seen| {
            if let Some(id) = seen.target.strip_prefix("/v1/vulns/") {
                return Reply::new(200, &[], record(id));
            }
            let answer = |query: &Value| match (query["package"]["name"].as_str(), query["page_token"].as_str(), query["commit"].as_str()) {
                (Some("aa"), None, _) => json!({"vulns": [{"id": "A-1", "modified": "1"}], "next_page_token": "more"}),
                (Some("aa"), Some("more"), _) => json!({"vulns": [{"id": "A-2", "modified": "1"}]}),
                (None, _, Some("c0ffee")) => json!({"vulns": [{"id": "C-1", "modified": "1"}]}),
                _ => json!({}),
            };
            Reply::new(200, &[], json!({"results": queries(seen).iter().map(answer).collect::<Vec<_>>()}).to_string())
        })
    }

    fn now() -> Timestamp {
        "2026-11-26T00:00:00Z".parse().expect("a time")
    }

    #[tokio::test]
    async fn all_pages_are_followed_and_each_advisory_is_fetched_once() {
        let server = service();
        let place = tempfile::tempdir().expect("a folder");
        let inventory = inventory(vec![package("aa", "1.0.0"), package("bb", "1.0.0"), package("aa", "1.0.0")]);
        let address = server.url("");
        let (client, cache) = (client(), cache(Some(place.path())));
        let ask = || ask(&client, &cache, &address, &inventory, Some("c0ffee"), now());
        let first = ask().await.expect("answered");
        let ids: Vec<&str> = first.hits.iter().map(|hit| first.advisories[hit.advisory].id.as_str()).collect();
        assert_eq!(ids, ["A-1", "A-2"]);
        assert_eq!(first.hits[0].fixed.as_deref(), Some("1.1.0"));
        assert_eq!(first.own.as_ref().map(|own| first.advisories[own[0]].id.as_str()), Some("C-1"));
        let asked: Vec<usize> = server.seen().iter().filter(|seen| seen.method == "POST").map(|seen| queries(seen).len()).collect();
        assert_eq!(asked, [3, 1], "equal packages are one question");
        let fetched = || server.seen().iter().filter(|seen| seen.method == "GET").count();
        assert_eq!(fetched(), 3);
        assert_eq!(ask().await.expect("answered"), first);
        assert_eq!(fetched(), 3, "an advisory of the same state is in the cache");
    }

    #[tokio::test]
    async fn what_cannot_be_an_answer_is_none() {
        for (body, why) in [
            (r#"{"results": []}"#.to_owned(), "answered 0 of 1"),
            ("{".to_owned(), "cannot be read"),
            (r#"{"results": [{"vulns": [{"id": "../x"}]}]}"#.to_owned(), "names an advisory"),
            (r#"{"results": [{"next_page_token": "again"}]}"#.to_owned(), "100 pages"),
        ] {
            let server = Server::start(move |_, _| Reply::new(200, &[], &body));
            let found = ask(&client(), &cache(None), &server.url(""), &inventory(vec![package("aa", "1")]), None, now()).await;
            let told = found.expect_err("no answer").to_string();
            assert!(told.contains(why), "{told}");
        }
        let server = Server::start(|_, _| Reply::new(404, &[], ""));
        let found = ask(&client(), &cache(None), &server.url(""), &inventory(vec![package("aa", "1")]), None, now()).await;
        assert!(found.expect_err("no answer").to_string().contains("answered 404"));
    }
}
