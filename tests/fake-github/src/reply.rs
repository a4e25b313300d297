//! An answer before it is sent, and the body that sends it.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use serde_json::{Value, json};
use tokio::time::{Sleep, sleep};

use crate::world::number_of;

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
    /// What it cost, of GraphQL.
    pub(crate) points: u64,
}

impl Reply {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self { status, headers: vec![("content-type".to_owned(), content_type.to_owned())], body: body.into(), points: 0 }
    }

    pub(crate) fn json(status: u16, value: &Value) -> Self {
        Self::new(status, "application/json; charset=utf-8", value.to_string())
    }

    /// One of GitHub's error messages.
    pub(crate) fn problem(status: u16, message: &str) -> Self {
        Self::json(status, &json!({"message": message, "documentation_url": "https://docs.github.com/rest", "status": status.to_string()}))
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// A good answer with a tag of its content, and without the content if the client has that already.
    pub(crate) fn conditional(mut self, known: Option<&str>) -> Self {
        if self.status != 200 {
            return self;
        }
        let etag = format!("W/\"{:016x}\"", number_of(&String::from_utf8_lossy(&self.body)));
        let weak = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
        if known.is_some_and(|tags| tags.split(',').any(|tag| weak(tag.trim()) == weak(&etag))) {
            (self.status, self.body) = (304, Bytes::new());
        }
        self.header("etag", etag).header("cache-control", "private, max-age=60, s-maxage=60").header("vary", "Accept, Authorization")
    }

    pub(crate) fn headers(mut self, headers: impl IntoIterator<Item = (String, String)>) -> Self {
        self.headers.extend(headers);
        self
    }
}

/// How a body ends.
#[derive(Debug)]
pub(crate) enum End {
    Whole,
    /// The connection is cut.
    Broken,
    /// These bytes again and again.
    Endless(Bytes),
}

/// A body on its way out.
#[derive(Debug)]
pub(crate) struct Outgoing {
    parts: VecDeque<Bytes>,
    pause: Duration,
    timer: Option<Pin<Box<Sleep>>>,
    end: End,
}

impl Outgoing {
    pub(crate) fn new(bytes: Bytes, end: End) -> Self {
        let parts = (!bytes.is_empty()).then_some(bytes).into_iter().collect();
        Self { parts, pause: Duration::ZERO, timer: None, end }
    }

    /// The body in twenty parts, over so long.
    pub(crate) fn slow(bytes: &Bytes, over: Duration) -> Self {
        let size = bytes.len().div_ceil(20).max(1);
        let parts = (0..bytes.len()).step_by(size).map(|from| bytes.slice(from..bytes.len().min(from + size))).collect();
        Self { parts, pause: over / 20, timer: None, end: End::Whole }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = &mut *self;
        let pause = match (&this.end, this.parts.is_empty()) {
            (_, false) => this.pause,
            // What came before the break has to leave first.
            (End::Broken, true) => Duration::from_millis(20),
            (End::Whole | End::Endless(_), true) => Duration::ZERO,
        };
        if !pause.is_zero() {
            let timer = this.timer.get_or_insert_with(|| Box::pin(sleep(pause)));
            if timer.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            this.timer = None;
        }
        if let Some(part) = this.parts.pop_front() {
            return Poll::Ready(Some(Ok(Frame::data(part))));
        }
        match &this.end {
            End::Whole => Poll::Ready(None),
            End::Broken => Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into()))),
            End::Endless(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes.clone())))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.parts.is_empty() && matches!(self.end, End::Whole)
    }

    fn size_hint(&self) -> SizeHint {
        match self.end {
            End::Whole => SizeHint::with_exact(self.parts.iter().map(|part| part.len() as u64).sum()),
            End::Broken | End::Endless(_) => SizeHint::default(),
        }
    }
}
