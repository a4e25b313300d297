//! The smallest client that can ask: one connection a request, read to its end.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use fake_github::FakeGithub;
use serde_json::{Value, json};

/// An answer, and whether its body is as long as its header says.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) whole: bool,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|why| panic!("{why}: {}", String::from_utf8_lossy(&self.body)))
    }
}

/// Asks; `None` where the connection ends before an answer.
pub(crate) fn ask(github: &FakeGithub, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Option<Answer> {
    let mut stream = TcpStream::connect(github.host()).unwrap();
    let mut head =
        format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n", github.host(), body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut bytes = Vec::new();
    // A cut connection is an error here, after what came before it.
    let _ = stream.read_to_end(&mut bytes);
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Vec<_> =
        lines.map(|line| line.split_once(": ").unwrap()).map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    let body = bytes[end + 4..].to_vec();
    let said = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    let whole = said.is_none_or(|said: usize| said == body.len());
    Some(Answer { status, headers, body, whole })
}

#[track_caller]
pub(crate) fn get(github: &FakeGithub, token: &str, path: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str())];
    ask(github, "GET", path, if token.is_empty() { &[] } else { &headers }, b"").unwrap()
}

#[track_caller]
pub(crate) fn post(github: &FakeGithub, token: &str, query: &str, variables: Value) -> Answer {
    let bearer = format!("bearer {token}");
    let body = json!({"query": query, "variables": variables}).to_string();
    ask(github, "POST", "/graphql", &[("Authorization", &bearer)], body.as_bytes()).unwrap()
}
