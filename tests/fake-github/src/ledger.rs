//! Every request that arrived, what was answered, and what should not have been asked.

use std::sync::Mutex;
use std::time::Instant;

/// Which service a request went to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// GitHub's GraphQL.
    Graphql,
    /// GitHub's REST.
    Rest,
    /// Git over HTTP.
    Git,
    /// The badge service.
    Badge,
    /// The OSS-Fuzz list.
    OssFuzz,
}

/// A GraphQL call.
#[derive(Clone, Debug, PartialEq)]
pub struct Graphql {
    /// The document.
    pub query: String,
    /// The variables, as they were sent.
    pub variables: serde_json::Value,
}

/// A request, and what came of it.
#[derive(Clone, Debug)]
pub struct Request {
    /// Which service it went to.
    pub kind: Kind,
    /// `GET` and so on.
    pub method: String,
    /// The path, as it was sent.
    pub path: String,
    /// Behind the question mark, as it was sent.
    pub query: String,
    /// The path with names in braces for what varies: `/repos/{owner}/{repo}/releases`; without `/api/v3`.
    pub template: String,
    /// All headers, in lower case; several of one name in their order.
    pub headers: Vec<(String, String)>,
    /// Whether there was an `Authorization`, whatever stood in it.
    pub authorization: bool,
    /// The token in it, valid or not.
    pub token: Option<String>,
    /// The call, of GraphQL.
    pub graphql: Option<Graphql>,
    /// The body of any other request, as text where it is text.
    pub body: String,
    /// The status of the answer; none where the connection was cut before.
    pub status: Option<u16>,
    /// What the call cost, of GraphQL.
    pub points: u64,
    /// Bytes of the answer's body. Of an endless one, none.
    pub bytes: u64,
    /// When it arrived.
    pub at: Instant,
    /// How many others were being answered then.
    pub beside: usize,
}

impl Request {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Default)]
pub(crate) struct Ledger {
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    requests: Vec<Request>,
    /// Grows when the requests are forgotten, so that those under way do not close entries of others.
    round: usize,
    under_way: usize,
    surprises: Vec<String>,
}

/// Where a request stands in the book.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    round: usize,
    index: usize,
}

impl Ledger {
    fn book<T>(&self, work: impl FnOnce(&mut Book) -> T) -> T {
        let mut book = self.book.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        work(&mut book)
    }

    /// Enters a request. It counts as under way until the guard goes.
    pub(crate) fn enter(&self, mut request: Request) -> UnderWay<'_> {
        let entry = self.book(|book| {
            request.beside = book.under_way;
            book.under_way += 1;
            book.requests.push(request);
            Entry { round: book.round, index: book.requests.len() - 1 }
        });
        UnderWay { ledger: self, entry }
    }

    pub(crate) fn under_way(&self) -> usize {
        self.book(|book| book.under_way)
    }

    pub(crate) fn surprise(&self, what: String) {
        self.book(|book| book.surprises.push(what));
    }

    pub(crate) fn take_surprises(&self) -> Vec<String> {
        self.book(|book| std::mem::take(&mut book.surprises))
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.book(|book| book.requests.clone())
    }

    pub(crate) fn sum(&self, of: impl Fn(&Request) -> u64) -> u64 {
        self.book(|book| book.requests.iter().map(of).sum())
    }

    pub(crate) fn most_at_once(&self) -> usize {
        self.book(|book| book.requests.iter().map(|request| request.beside + 1).max().unwrap_or_default())
    }

    pub(crate) fn forget(&self) {
        self.book(|book| {
            book.requests.clear();
            book.round += 1;
        });
    }
}

/// A request that is being answered.
pub(crate) struct UnderWay<'a> {
    ledger: &'a Ledger,
    entry: Entry,
}

impl UnderWay<'_> {
    /// Says what it was answered.
    pub(crate) fn answered(&self, status: u16, points: u64, bytes: u64) {
        let Entry { round, index } = self.entry;
        self.ledger.book(|book| {
            if let Some(request) = book.requests.get_mut(index).filter(|_| book.round == round) {
                (request.status, request.points, request.bytes) = (Some(status), points, bytes);
            }
        });
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.ledger.book(|book| book.under_way -= 1);
    }
}
