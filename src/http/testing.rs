//! A host for tests: HTTP on loopback, one request a connection.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::self_signed::SelfSigned;
use super::{Client, Settings};

/// A host that answers as a test wants it.
pub(crate) struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) target: String,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// An answer: bytes, and what becomes of the connection.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    raw: Vec<u8>,
    stalls: bool,
}

impl Reply {
    pub(crate) fn new(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let mut raw = format!("HTTP/1.1 {status} Some\r\nconnection: close\r\ncontent-length: {}\r\n", body.len()).into_bytes();
        for (name, value) in headers {
            raw.extend(format!("{name}: {value}\r\n").bytes());
        }
        raw.extend(b"\r\n");
        raw.extend(body);
        Self { raw, stalls: false }
    }

    /// These bytes, and then the end.
    pub(crate) fn raw(raw: impl Into<Vec<u8>>) -> Self {
        Self { raw: raw.into(), stalls: false }
    }

    /// The same without its last bytes.
    pub(crate) fn cut(mut self, bytes: usize) -> Self {
        self.raw.truncate(self.raw.len() - bytes);
        self
    }

    /// The same, and then silence.
    pub(crate) fn stalling(mut self) -> Self {
        self.stalls = true;
        self
    }
}

impl Server {
    /// Answers each request, of which so many came before.
    pub(crate) fn start(answer: impl Fn(usize, &Seen) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_on(answer, Some)
    }

    /// The same behind a certificate.
    pub(super) fn start_tls(of: &SelfSigned, answer: impl Fn(usize, &Seen) -> Reply + Send + Sync + 'static) -> Self {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
        let key = rustls::pki_types::PrivatePkcs8KeyDer::from(of.key.clone()).into();
        let config = config.with_no_client_auth().with_single_cert(vec![of.certificate.clone().into()], key).expect("a certificate");
        let config = Arc::new(config);
        let secure = move |stream| {
            let connection = rustls::ServerConnection::new(config.clone()).ok()?;
            Some(rustls::StreamOwned::new(connection, stream))
        };
        Self::start_on(answer, secure)
    }

    fn start_on<S: Read + Write>(
        answer: impl Fn(usize, &Seen) -> Reply + Send + Sync + 'static,
        secure: impl Fn(TcpStream) -> Option<S> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let (answer, secure, list) = (Arc::new(answer), Arc::new(secure), seen.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (answer, secure, list) = (answer.clone(), secure.clone(), list.clone());
                std::thread::spawn(move || stream.ok().and_then(|stream| serve(secure(stream)?, &*answer, &list)));
            }
        });
        Self { address, seen }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no panic").clone()
    }
}

fn serve(stream: impl Read + Write, answer: &dyn Fn(usize, &Seen) -> Reply, list: &Mutex<Vec<Seen>>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    let seen = Seen { method, target, headers, body };
    let before = {
        let mut list = list.lock().ok()?;
        list.push(seen.clone());
        list.len() - 1
    };
    let reply = answer(before, &seen);
    reader.get_mut().write_all(&reply.raw).ok()?;
    reader.get_mut().flush().ok()?;
    if reply.stalls {
        // Until the other side has had enough.
        let _ = reader.read(&mut [0]);
    }
    Some(())
}

/// Settings with which a test may ask this machine, and need not wait.
pub(crate) fn settings() -> Settings {
    Settings { named_hosts: vec!["127.0.0.1".to_owned()], first_pause: Duration::from_millis(1), ..Settings::default() }
}

pub(crate) fn client() -> Client {
    Client::new(settings()).expect("a client")
}
