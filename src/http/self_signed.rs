//! A certificate that nobody vouches for, for tests: of this machine's address, made anew each time.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A certificate for 127.0.0.1, and its key.
pub(super) struct SelfSigned {
    pub(super) certificate: Vec<u8>,
    pub(super) key: Vec<u8>,
}

/// A value as DER has it: what it is, how long, and itself.
fn value(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len();
    let head = match u8::try_from(length) {
        Ok(short @ ..0x80) => vec![tag, short],
        _ => vec![tag, 0x82, u8::try_from(length >> 8).expect("it is short"), u8::try_from(length & 0xff).expect("a byte")],
    };
    [head, content].concat()
}

impl SelfSigned {
    pub(super) fn new() -> Self {
        const SEQUENCE: u8 = 0x30;
        const OBJECT: u8 = 0x06;
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key can be made");
        let key: Pkcs8V1Der<'_> = pair.as_der().expect("it has a form");
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().expect("it has a form");
        // RFC 5280: sha256WithRSAEncryption, commonName, subjectAltName.
        let algorithm = value(SEQUENCE, &[&value(OBJECT, &[&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11]]), &[5, 0]]);
        let common_name = value(SEQUENCE, &[&value(OBJECT, &[&[0x55, 4, 3]]), &value(0x0c, &[b"carat tests"])]);
        let name = value(SEQUENCE, &[&value(0x31, &[&common_name])]);
        let validity = value(SEQUENCE, &[&value(0x17, &[b"200101000000Z"]), &value(0x17, &[b"491231235959Z"])]);
        let addresses = value(SEQUENCE, &[&value(0x87, &[&[127, 0, 0, 1]])]);
        let extension = value(SEQUENCE, &[&value(OBJECT, &[&[0x55, 0x1d, 17]]), &value(4, &[&addresses])]);
        let extensions = value(0xa3, &[&value(SEQUENCE, &[&extension])]);
        let version = value(0xa0, &[&[2, 1, 2]]);
        let told = value(SEQUENCE, &[&version, &[2, 1, 1], &algorithm, &name, &validity, &name, public.as_ref(), &extensions]);
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &told, &mut signature).expect("it signs");
        let certificate = value(SEQUENCE, &[&told, &algorithm, &value(3, &[&[0], &signature])]);
        Self { certificate, key: key.as_ref().to_vec() }
    }

    pub(super) fn pem(&self) -> String {
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(&self.certificate))
    }
}
