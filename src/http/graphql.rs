//! GraphQL: one query, and an answer in which data and errors stand beside each other.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Client, Failure, Service, Token};

/// What a host answered: what it knows, and what went wrong with the rest.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct Answer {
    /// What it knows; absent where nothing of the query could be answered.
    #[serde(default)]
    pub data: Option<Value>,
    /// What went wrong.
    #[serde(default)]
    pub errors: Vec<Trouble>,
    /// The headers, which tell of scopes and single sign-on.
    #[serde(skip)]
    pub headers: HeaderMap,
}

/// What went wrong with a part of a query.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct Trouble {
    /// For people.
    #[serde(default)]
    pub message: String,
    /// `NOT_FOUND`, `FORBIDDEN`, `INSUFFICIENT_SCOPES` ...
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    /// Which part: names of fields, and places in lists.
    #[serde(default)]
    pub path: Vec<Value>,
    /// What else the host says; where a query is malformed, `code`.
    #[serde(default)]
    pub extensions: Option<Value>,
}

/// Why there is no answer.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum Unanswered {
    /// The request failed.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// The host refused it.
    #[error("the host answered {status}: {message}")]
    Refused {
        /// 300 to 499.
        status: StatusCode,
        /// What it says about it, for people.
        message: String,
        /// The headers, which tell of scopes and single sign-on.
        headers: Box<HeaderMap>,
    },
    /// It is no answer to a query.
    #[error("the answer cannot be read: {why}")]
    Malformed {
        /// Why.
        why: String,
    },
}

#[derive(Serialize)]
struct Query<'a> {
    query: &'a str,
    variables: &'a Map<String, Value>,
}

/// Asks one query. An answer may be `most` bytes long.
///
/// # Errors
/// There is no answer. Data beside errors is an answer, and so are errors without data.
pub async fn ask(
    client: &Client,
    url: &Uri,
    token: Option<&Token>,
    query: &str,
    variables: &Map<String, Value>,
    most: usize,
) -> Result<Answer, Unanswered> {
    let malformed = |error: serde_json::Error| Unanswered::Malformed { why: error.to_string() };
    let body = serde_json::to_vec(&Query { query, variables }).map_err(malformed)?;
    let mut request = Request::new(Bytes::from(body));
    *request.method_mut() = Method::POST;
    request.uri_mut().clone_from(url);
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(token) = token {
        headers.insert(AUTHORIZATION, token.header());
    }
    let answer = client.send(Service::Graphql, request, most).await?;
    // A host may repeat what it was shown.
    let answer = answer.map(|body| token.map_or_else(|| body.clone(), |token| token.masked_answer(body.clone())));
    if !answer.status().is_success() {
        let (parts, body) = answer.into_parts();
        return Err(Unanswered::Refused { status: parts.status, message: message(&body), headers: Box::new(parts.headers) });
    }
    let (parts, body) = answer.into_parts();
    let answer = Answer { headers: parts.headers, ..serde_json::from_slice(&body).map_err(malformed)? };
    if answer.data.is_none() && answer.errors.is_empty() {
        return Err(Unanswered::Malformed { why: "there is neither data nor an error in it".to_owned() });
    }
    Ok(answer)
}

/// What a refusal says to people.
fn message(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Refusal {
        message: String,
    }
    const LONGEST: usize = 300;
    let text = serde_json::from_slice(body).map_or_else(|_| String::new(), |Refusal { message }| message);
    text.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::testing::{Reply, Server, client};

    async fn asked(reply: Reply) -> (Result<Answer, Unanswered>, Server) {
        let server = Server::start(move |_, _| reply.clone());
        let url = server.url("/graphql").parse().expect("a URI");
        let token = Token::new("secret").expect("a token");
        let variables = Map::from_iter([("name".to_owned(), "x".into())]);
        let answer = ask(&client(), &url, Some(&token), "query($name: String!) { a }", &variables, 1 << 20).await;
        (answer, server)
    }

    #[tokio::test]
    async fn data_beside_errors_is_kept() {
        let body = r#"{"data":{"a":1,"b":null},"errors":[{"message":"no","type":"FORBIDDEN","path":["b",0],"locations":[]}]}"#;
        let (answer, server) = asked(Reply::new(200, &[], body)).await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.data.expect("data")["a"], 1);
        assert_eq!(answer.errors[0].kind.as_deref(), Some("FORBIDDEN"));
        assert_eq!(answer.errors[0].path, ["b".into(), Value::from(0)]);
        let seen = server.seen();
        assert_eq!(seen[0].header("authorization"), Some("Bearer secret"));
        assert_eq!(seen[0].body, br#"{"query":"query($name: String!) { a }","variables":{"name":"x"}}"#);
    }

    #[tokio::test]
    async fn what_is_no_answer_is_an_error() {
        for body in ["", "{", "[]", "{}", r#"{"data":null}"#, "<html>"] {
            let (answer, _) = asked(Reply::new(200, &[], body)).await;
            assert!(matches!(answer, Err(Unanswered::Malformed { .. })), "{body}");
        }
        let (answer, _) = asked(Reply::new(401, &[], r#"{"message":"Bad\u001b credentials"}"#)).await;
        let Err(Unanswered::Refused { status, message, .. }) = answer else { panic!("{answer:?}") };
        assert_eq!((status.as_u16(), message.as_str()), (401, "Bad credentials"));
    }
}
