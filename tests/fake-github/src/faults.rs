//! What goes wrong on demand.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::ledger::{Kind, Request};

/// What happens in place of the answer, or to it.
#[derive(Clone, Debug)]
pub enum Effect {
    /// This answer.
    Answer {
        /// The status.
        status: u16,
        /// Headers beside the content type.
        headers: Vec<(String, String)>,
        /// The body; JSON if it begins with a brace or a bracket, else HTML.
        body: String,
    },
    /// The connection is cut before any answer.
    Reset,
    /// Nothing comes for so long, then the connection is cut.
    Stall(Duration),
    /// The body takes so long.
    Slow(Duration),
    /// The body ends after so many bytes.
    Truncate {
        /// How many bytes come.
        keep: usize,
        /// Whether the length in the header is that of what comes. If it is the whole body's, the connection is cut.
        honest: bool,
    },
    /// The body breaks off into HTML.
    BadJson,
    /// Every page says that there is a next one.
    EndlessPages,
    /// The answer goes on for ever.
    EndlessBody,
    /// The primary limit is used up for so long, for every request from then on.
    LimitUsedUp(Duration),
}

type Condition = Arc<dyn Fn(&Request) -> bool + Send + Sync>;

/// Something that goes wrong for some requests.
#[derive(Clone)]
pub struct Fault {
    effect: Effect,
    kind: Option<Kind>,
    template: Option<String>,
    condition: Option<Condition>,
    skip: usize,
    times: Option<usize>,
}

impl fmt::Debug for Fault {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { effect, kind, template, condition, skip, times } = self;
        let condition = condition.is_some();
        write!(to, "{effect:?} for {kind:?} {template:?} (condition: {condition}), after {skip}, {times:?} times")
    }
}

impl Fault {
    /// This effect, for every request.
    pub fn new(effect: Effect) -> Self {
        Self { effect, kind: None, template: None, condition: None, skip: 0, times: None }
    }

    /// An answer with this status, as GitHub's own front end gives it.
    pub fn status(status: u16) -> Self {
        Self::new(Effect::Answer { status, headers: Vec::new(), body: format!("<html><body><h1>{status}</h1></body></html>") })
    }

    /// A secondary limit: 403 with `Retry-After`.
    pub fn secondary_limit(retry_after: u64) -> Self {
        let body = r#"{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again.","documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}"#;
        Self::new(Effect::Answer { status: 403, headers: Vec::new(), body: body.to_owned() })
            .header("retry-after", &retry_after.to_string())
    }

    /// A redirect to there.
    pub fn redirect(status: u16, to: &str) -> Self {
        Self::new(Effect::Answer { status, headers: Vec::new(), body: String::new() }).header("location", to)
    }

    /// Adds a header to an answer.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Effect::Answer { headers, .. } = &mut self.effect {
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        self
    }

    /// Sets the body of an answer.
    pub fn body(mut self, text: &str) -> Self {
        if let Effect::Answer { body, .. } = &mut self.effect {
            text.clone_into(body);
        }
        self
    }

    /// Only for this service.
    pub fn kind(mut self, kind: Kind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Only for this path, with names in braces: `/repos/{owner}/{repo}/releases`.
    pub fn template(mut self, template: &str) -> Self {
        self.template = Some(template.to_owned());
        self
    }

    /// Only where this holds.
    pub fn when(mut self, condition: impl Fn(&Request) -> bool + Send + Sync + 'static) -> Self {
        self.condition = Some(Arc::new(condition));
        self
    }

    /// Leaves the first so many alone.
    pub fn after(mut self, requests: usize) -> Self {
        self.skip = requests;
        self
    }

    /// At most so many times.
    pub fn times(mut self, times: usize) -> Self {
        self.times = Some(times);
        self
    }

    fn concerns(&self, request: &Request) -> bool {
        self.kind.is_none_or(|kind| kind == request.kind)
            && self.template.as_ref().is_none_or(|template| *template == request.template)
            && self.condition.as_ref().is_none_or(|condition| condition(request))
    }
}

/// The faults in force; the first one that concerns a request and is due happens to it.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    pub(crate) fn add(&self, fault: Fault) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
    }

    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(crate) fn due(&self, request: &Request) -> Option<Effect> {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for fault in faults.iter_mut().filter(|fault| fault.concerns(request)) {
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            match &mut fault.times {
                Some(0) => continue,
                Some(times) => *times -= 1,
                None => {}
            }
            return Some(fault.effect.clone());
        }
        None
    }
}
