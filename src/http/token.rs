//! Secrets.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderValue;
use sha2::{Digest as _, Sha256};

/// A secret. It is printed as `***`, and it is never serialised.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    secret: Arc<str>,
    /// What it sees, where that has a name that lasts longer than the secret.
    sees: Option<Arc<str>>,
}

/// A text that no host could have given out as a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotAToken {
    /// There is nothing in it.
    #[error("the token is empty")]
    Empty,
    /// There are blanks, control characters or letters beyond ASCII in it.
    #[error("the token holds characters that no token has: blanks, line breaks, or letters beyond ASCII")]
    Characters,
}

impl Token {
    /// A token, without the blanks and line breaks around it.
    ///
    /// # Errors
    /// No host gives out such a token.
    pub fn new(text: impl AsRef<str>) -> Result<Self, NotAToken> {
        let text = text.as_ref().trim();
        if text.is_empty() {
            return Err(NotAToken::Empty);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(NotAToken::Characters);
        }
        Ok(Self { secret: text.into(), sees: None })
    }

    /// The same, which sees what others of this name see.
    #[must_use]
    pub(crate) fn seeing(self, name: &str) -> Self {
        Self { sees: Some(name.into()), ..self }
    }

    /// A token that is shown to nobody: it finds what was kept for those that see what has this name.
    pub(crate) fn of_nobody(name: &str) -> Self {
        Self { secret: "".into(), sees: Some(name.into()) }
    }

    /// The value of `Authorization` for a host's own interfaces, marked as sensitive.
    #[must_use]
    pub fn header(&self) -> HeaderValue {
        sensitive(&format!("Bearer {}", self.secret))
    }

    /// The value of `Authorization` for Git over HTTP, marked as sensitive.
    #[must_use]
    pub fn basic(&self) -> HeaderValue {
        sensitive(&format!("Basic {}", STANDARD.encode(format!("x-access-token:{}", self.secret))))
    }

    /// A text of somebody who knows the secret, without it.
    #[must_use]
    pub fn masked(&self, text: &str) -> String {
        if self.secret.is_empty() { text.to_owned() } else { text.replace(&*self.secret, "***") }
    }

    /// An answer of somebody who knows the secret, without it.
    pub(super) fn masked_answer(&self, answer: Bytes) -> Bytes {
        match self.is_in(&answer) {
            true => self.masked(&String::from_utf8_lossy(&answer)).into(),
            false => answer,
        }
    }

    /// Whether the secret is in these bytes.
    pub(super) fn is_in(&self, bytes: &[u8]) -> bool {
        !self.secret.is_empty() && memchr::memmem::find(bytes, self.secret.as_bytes()).is_some()
    }

    /// A name for what this token may see: 16 hexadecimal digits that tell nothing of the secret.
    pub(crate) fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        match &self.sees {
            None => {
                hash.update(b"carat: what a token may see\0");
                hash.update(self.secret.as_bytes());
            }
            Some(name) => {
                hash.update(b"carat: what an app may see\0");
                hash.update(name.as_bytes());
            }
        }
        hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// The secret itself.
    #[cfg(test)]
    pub(crate) fn expose(&self) -> &str {
        &self.secret
    }
}

fn sensitive(text: &str) -> HeaderValue {
    // Nothing but ASCII that can be seen is in it.
    let mut value = HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

impl fmt::Debug for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

impl fmt::Display for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_never_printed() {
        let token = Token::new(" ghp_secret\n").expect("a token");
        assert_eq!(format!("{token} {token:?} {:#?}", Some(&token)), "*** *** Some(\n    ***,\n)");
        assert!(!format!("{:?} {:?}", token.header(), token.basic()).contains("secret"));
        assert!(token.header().is_sensitive() && token.basic().is_sensitive());
        assert_eq!(token.header().to_str().expect("text"), "Bearer ghp_secret");
        assert_eq!(token.basic().to_str().expect("text"), "Basic eC1hY2Nlc3MtdG9rZW46Z2hwX3NlY3JldA==");
        assert_eq!(token.expose(), "ghp_secret");
        let other = Token::new("ghp_secret2").expect("a token");
        assert!(token.fingerprint().len() == 16 && token.fingerprint() != other.fingerprint());
        let seeing = |token: &Token| token.clone().seeing("ghp_secret").fingerprint();
        assert!(seeing(&token) == seeing(&other) && seeing(&token) != token.fingerprint());
        assert_eq!(Token::of_nobody("ghp_secret").fingerprint(), seeing(&token));
        assert_eq!(Token::of_nobody("ghp_secret").masked("as it is"), "as it is");
    }

    #[test]
    fn an_answer_that_repeats_the_token_is_masked() {
        let token = Token::new("ghp_secret").expect("a token");
        let answer = |text: &'static [u8]| token.masked_answer(Bytes::from_static(text));
        assert_eq!(answer(b"{\"a\":\"ghp_secret, ghp_secret\"}"), "{\"a\":\"***, ***\"}");
        assert_eq!(answer(b"ghp_secre"), "ghp_secre");
        assert_eq!(token.masked("no ghp_secret here"), "no *** here");
    }

    #[test]
    fn what_cannot_be_a_token_is_refused() {
        assert_eq!(Token::new(" \n"), Err(NotAToken::Empty));
        for bad in ["a b", "a\nb", "a\r\nX-Other: 1", "tök", "\u{7f}x"] {
            assert_eq!(Token::new(bad), Err(NotAToken::Characters), "{bad:?}");
        }
    }
}
