//! A GitHub App: who it is, and how it proves that. Its key is shown nowhere and sent to nobody.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;

use crate::error::Error;
use crate::http::Token;

/// The variables of the reference.
const KEY: &str = "GITHUB_APP_KEY_PATH";
const ID: &str = "GITHUB_APP_ID";
const INSTALLATION: &str = "GITHUB_APP_INSTALLATION_ID";

/// The longest file that is read for a key, in bytes.
const LONGEST_KEY: u64 = 64 << 10;
/// For how many seconds a proof counts; hosts take none for more than ten minutes.
const PROVES_FOR: i64 = 9 * 60;
/// By how much the clocks of a host and of this machine may differ, in seconds.
const CLOCKS: i64 = 60;

/// A GitHub App. Cheap to clone; printed without its key.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    id: String,
    installation: Option<u64>,
    key: RsaKeyPair,
}

impl App {
    /// Reads the variables `GITHUB_APP_KEY_PATH` (a file with a private key, or the key itself), `GITHUB_APP_ID` and
    /// `GITHUB_APP_INSTALLATION_ID`. Without a key there is no app.
    ///
    /// # Errors
    /// What is in them cannot be used.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, Error> {
        let variable = |name: &str| variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let unusable = |name: &str, why: &str| Error::Usage(format!("cannot use {name}: {why}"));
        let Some(key) = variable(KEY) else { return Ok(None) };
        let id = variable(ID).ok_or_else(|| unusable(KEY, &format!("{ID} has to name the app whose key it is")))?;
        // A number, or the client ID, which newer apps are known by.
        if id.len() > 64 || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.') {
            return Err(unusable(ID, "it is neither a number nor a client ID"));
        }
        let installation = match variable(INSTALLATION) {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| unusable(INSTALLATION, "it is no number"))?),
        };
        let key = if key.starts_with("-----BEGIN") {
            // In one line, as some keep it.
            parse(key.replace("\\n", "\n").as_bytes()).map_err(|why| unusable(KEY, why))?
        } else {
            let text = read(&key).map_err(|error| unusable(KEY, &format!("cannot read {key}: {error}")))?;
            parse(&text).map_err(|why| unusable(KEY, &format!("{key}: {why}")))?
        };
        Ok(Some(Self(Arc::new(Inner { id, installation, key }))))
    }

    /// Its number, or its client ID.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// The installation that is used for every owner, if the user named one.
    #[must_use]
    pub fn installation(&self) -> Option<u64> {
        self.0.installation
    }

    /// What proves to its host that it is this app, for some minutes. `None` where the key cannot sign.
    #[must_use]
    pub(crate) fn proof(&self, now: Timestamp) -> Option<Token> {
        let now = now.as_second();
        let claims = serde_json::json!({ "iat": now - CLOCKS, "exp": now + PROVES_FOR, "iss": self.0.id });
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let signed = format!("{}.{}", part(r#"{"alg":"RS256","typ":"JWT"}"#), part(&claims.to_string()));
        let mut signature = vec![0; self.0.key.public_modulus_len()];
        self.0.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).ok()?;
        Token::new(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))).ok()
    }

    /// A name for what its tokens may see of an owner's repositories. They are new each hour, what they see is not.
    #[must_use]
    pub(crate) fn sees(&self, host: &str, owner: &str) -> String {
        match self.0.installation {
            Some(installation) => format!("{host}, app {}, installation {installation}", self.0.id),
            None => format!("{host}, app {}, owner {}", self.0.id, owner.to_lowercase()),
        }
    }
}

fn read(path: &str) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    File::open(path)?.take(LONGEST_KEY).read_to_end(&mut text)?;
    Ok(text)
}

fn parse(text: &[u8]) -> Result<RsaKeyPair, &'static str> {
    if memchr::memmem::find(text, b"ENCRYPTED").is_some() {
        return Err("the key is locked with a passphrase");
    }
    let refused = "there is no private RSA key as PEM in it";
    match PrivateKeyDer::from_pem_slice(text) {
        Ok(PrivateKeyDer::Pkcs1(key)) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
        Ok(PrivateKeyDer::Pkcs8(key)) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
        _ => return Err(refused),
    }
    .map_err(|_| refused)
}

impl PartialEq for App {
    fn eq(&self, other: &Self) -> bool {
        (&self.0.id, self.0.installation) == (&other.0.id, other.0.installation)
    }
}

impl Eq for App {}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("id", &self.0.id).field("installation", &self.0.installation).finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use aws_lc_rs::encoding::AsDer as _;
    use aws_lc_rs::rsa::KeySize;
    use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    /// A key that was never anybody's, as PEM.
    pub(crate) fn pem() -> String {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key can be made");
        let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = key.as_der().expect("it has a form");
        wrapped("PRIVATE KEY", der.as_ref())
    }

    fn wrapped(kind: &str, der: &[u8]) -> String {
        let text = STANDARD.encode(der);
        let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
        format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", lines.join("\n"))
    }

    /// An app with this key.
    pub(crate) fn app(pem: &str, installation: Option<&str>) -> Result<Option<App>, Error> {
        App::read(|name| match name {
            KEY => Some(pem.to_owned()),
            ID => Some("7".to_owned()),
            _ => installation.map(str::to_owned),
        })
    }

    #[test]
    fn a_proof_is_signed_by_the_key_and_lasts_for_minutes() {
        let app = app(&pem(), None).expect("good").expect("an app");
        let proof = app.proof("2026-11-25T21:00:00Z".parse().expect("a moment")).expect("it signs");
        let parts: Vec<&str> = proof.expose().split('.').collect();
        let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).expect("Base64");
        let claims: serde_json::Value = serde_json::from_slice(&decoded(parts[1])).expect("JSON");
        let now = 1_795_640_400;
        assert_eq!(claims, serde_json::json!({"iat": now - 60, "exp": now + 540, "iss": "7"}));
        assert_eq!(decoded(parts[0]), br#"{"alg":"RS256","typ":"JWT"}"#);
        let signed = format!("{}.{}", parts[0], parts[1]);
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, app.0.key.public_key().as_ref());
        assert!(public.verify(signed.as_bytes(), &decoded(parts[2])).is_ok());
    }

    #[test]
    fn a_key_is_read_from_a_file_or_the_variable_and_never_shown() {
        let pem = pem();
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key.pem");
        std::fs::write(&path, format!("some text\n{pem}")).expect("written");
        let path = path.to_str().expect("text");
        for key in [path, &pem, &pem.replace('\n', "\\n")] {
            let found = app(key, Some(" 12 ")).expect("good").expect("an app");
            assert_eq!((found.id(), found.installation()), ("7", Some(12)));
            assert_eq!(format!("{found:?}"), "App { id: \"7\", installation: Some(12), .. }");
        }
        assert!(App::read(|name| (name == ID).then(|| "7".to_owned())).expect("good").is_none());
    }

    #[test]
    fn what_is_no_app_is_refused_without_its_key() {
        let pem = pem();
        let secret = pem.lines().nth(3).expect("a line").to_owned();
        let folder = tempfile::tempdir().expect("a folder");
        let file = |text: &str| {
            let path = folder.path().join("key");
            std::fs::write(&path, text).expect("written");
            path.to_str().expect("text").to_owned()
        };
        let broken = pem.replacen(&secret, &secret.to_lowercase(), 1);
        for (key, id, installation, says) in [
            ("/no/such/file", Some("7"), None, "cannot read /no/such/file"),
            ("/", Some("7"), None, "cannot read /"),
            (&*file("hello"), Some("7"), None, "no private RSA key"),
            (&broken, Some("7"), None, "no private RSA key"),
            (&pem.replace("PRIVATE", "ENCRYPTED PRIVATE"), Some("7"), None, "locked with a passphrase"),
            (&pem.replace("PRIVATE", "PUBLIC"), Some("7"), None, "no private RSA key"),
            (&wrapped("EC PRIVATE KEY", b"x"), Some("7"), None, "no private RSA key"),
            (&pem, None, None, "GITHUB_APP_ID has to name"),
            (&pem, Some("a b"), None, "cannot use GITHUB_APP_ID"),
            (&pem, Some("7"), Some("x"), "cannot use GITHUB_APP_INSTALLATION_ID"),
        ] {
            let read = App::read(|name| match name {
                KEY => Some(key.to_owned()),
                ID => id.map(str::to_owned),
                _ => installation.map(str::to_owned),
            });
            let error = read.expect_err("refused").to_string();
            assert!(error.contains(says), "{error}");
            assert!(!error.to_lowercase().contains(&secret[..20].to_lowercase()), "{error}");
        }
    }
}
