//! Encryption of the network's listener, by a certificate that this computer makes for itself.
//!
//! Both are spoken at one port and told apart by the first byte of a connection, so agents and slicers that know only
//! plain HTTP go on as before, and nothing is redirected. Nobody vouches for such a certificate: a browser asks once, and a
//! person compares its fingerprint with the one that the settings show. A certificate from elsewhere takes its place when
//! both files are replaced.

use crate::ApiError;
use axum::http::StatusCode;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use station::Station;
use std::io;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use store::private_file;
use tokio::net::TcpStream;

/// The certificate, and those that vouch for it, as PEM.
const CERTIFICATE: &str = "https-certificate.pem";
/// Its key as PEM, for the user's eyes only.
const KEY: &str = "https-key.pem";
/// What a TLS connection begins with: a record of the handshake.
const HANDSHAKE: u8 = 22;

/// What connections are encrypted with, while it is switched on.
#[derive(Clone, Default)]
pub(crate) struct Tls(Arc<RwLock<Option<Certificate>>>);

/// A certificate that connections are encrypted with.
#[derive(Clone)]
pub(crate) struct Certificate {
    config: Arc<ServerConfig>,
    /// SHA-256 as browsers show it: 32 pairs of hex digits with colons.
    pub(crate) fingerprint: String,
}

impl Tls {
    /// Encrypts connections that begin from now on, or no longer; those that are open stay as they are.
    pub(crate) fn set(&self, certificate: Option<Certificate>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = certificate;
    }

    pub(crate) fn certificate(&self) -> Option<Certificate> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns what a connection is encrypted with if its other side wants that, by its first byte. It waits for that byte
    /// only while encryption is switched on.
    ///
    /// # Errors
    /// When the connection ends before it.
    pub(crate) async fn wanted(&self, stream: &TcpStream) -> io::Result<Option<Arc<ServerConfig>>> {
        let Some(certificate) = self.certificate() else { return Ok(None) };
        let mut first = [0];
        stream.peek(&mut first).await?;
        Ok((first[0] == HANDSHAKE).then_some(certificate.config))
    }
}

impl Certificate {
    /// Reads the certificate in the data folder; where there is none, one is made for these names and addresses.
    ///
    /// # Errors
    /// When the files cannot be read or written, or when key and certificate do not belong together.
    pub(crate) fn of(folder: &Path, names: Vec<String>) -> Result<Self, ApiError> {
        let (certificate, key) = (folder.join(CERTIFICATE), folder.join(KEY));
        if !certificate.exists() && !key.exists() {
            make(&certificate, &key, names).map_err(|why| unusable(&why, "Free some room on the disk."))?;
        }
        let hint = format!(
            "Delete {CERTIFICATE} and {KEY} in the data folder, and a new one is made; or put in two that belong together."
        );
        Self::read(&certificate, &key).map_err(|why| unusable(&why, &hint))
    }

    fn read(certificate: &Path, key: &Path) -> Result<Self, String> {
        let chain: Result<Vec<CertificateDer<'static>>, _> =
            CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect);
        let chain = chain.map_err(|error| format!("{CERTIFICATE}: {error}"))?;
        let first = chain.first().ok_or_else(|| format!("there is no certificate in {CERTIFICATE}"))?;
        let fingerprint = Station::fingerprint(first);
        let key = PrivateKeyDer::from_pem_file(key).map_err(|error| format!("{KEY}: {error}"))?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(|error| error.to_string())?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { config: Arc::new(config), fingerprint })
    }
}

fn make(certificate: &Path, key: &Path, names: Vec<String>) -> Result<(), String> {
    let mut params = CertificateParams::new(names).map_err(|error| error.to_string())?;
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, "Printvigil on this computer");
    params.distinguished_name = name;
    let pair = KeyPair::generate().map_err(|error| error.to_string())?;
    let made = params.self_signed(&pair).map_err(|error| error.to_string())?;
    private_file::write(key, pair.serialize_pem().as_bytes())
        .and_then(|()| private_file::write(certificate, made.pem().as_bytes()))
        .map_err(|error| format!("the certificate cannot be kept: {error}"))
}

fn unusable(why: &str, hint: &str) -> ApiError {
    let message = format!("connections cannot be encrypted: {why}");
    ApiError::new(StatusCode::CONFLICT, "certificate", message, hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        vec!["workshop.local".into(), "192.168.1.5".into()]
    }

    #[test]
    fn a_certificate_is_made_once_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let first = Certificate::of(folder.path(), names()).unwrap();
        assert_eq!(first.fingerprint.split(':').filter(|pair| pair.len() == 2).count(), 32);
        let again = Certificate::of(folder.path(), Vec::new()).unwrap();
        assert_eq!(again.fingerprint, first.fingerprint, "whoever accepted it is not asked again");
        std::fs::remove_file(folder.path().join(CERTIFICATE)).unwrap();
        std::fs::remove_file(folder.path().join(KEY)).unwrap();
        assert_ne!(Certificate::of(folder.path(), names()).unwrap().fingerprint, first.fingerprint);
    }

    #[test]
    fn what_does_not_belong_together_is_refused_with_what_to_do() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for folder in [&one, &other] {
            Certificate::of(folder.path(), names()).unwrap();
        }
        let key = one.path().join(KEY);
        for wrong in [std::fs::read(other.path().join(KEY)).unwrap(), b"no key".to_vec(), Vec::new()] {
            std::fs::write(&key, wrong).unwrap();
            let refused = Certificate::of(one.path(), names()).map(drop).unwrap_err();
            assert_eq!((refused.status, refused.code.as_str()), (StatusCode::CONFLICT, "certificate"));
            assert!(refused.hint.contains(KEY), "{}", refused.hint);
        }
        std::fs::remove_file(&key).unwrap();
        assert!(
            Certificate::of(one.path(), names()).is_err(),
            "half of it is not made anew under a person's own"
        );
    }
}
