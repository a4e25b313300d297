//! Services that know something of projects wherever these are hosted.

pub(crate) mod badge;
pub(crate) mod oss_fuzz;

use bytes::Bytes;
use carat_checks::evidence::Cause;
use http::Request;

use crate::http::{Client, Service};

/// Asks a service for a document.
async fn ask(client: &Client, service: Service, url: &str, most: usize) -> Result<Bytes, Cause> {
    let failed = |why: String| Cause::Failed { why };
    let host = crate::hosts::authority_of(url);
    let request = Request::get(url).header("accept", "application/json").body(Bytes::new());
    let request = request.map_err(|_| failed(format!("{host} cannot be asked at this address")))?;
    let answer = client.send(service, request, most).await.map_err(|failure| failed(failure.to_string()))?;
    if !answer.status().is_success() {
        return Err(failed(format!("{host} answered {}", answer.status().as_u16())));
    }
    Ok(answer.into_body())
}
