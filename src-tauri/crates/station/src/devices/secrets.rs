//! Names and passwords of network cameras. They lie in a file of their own that only the user can read: not in the
//! database, not in a copy or a backup of it, and in no answer. What is stored and shown of such an address has none.

use super::factory::DeviceFactory;
use bytes::Bytes;
use camera::OpenSource;
use domain::{
    Camera, CameraId, CameraSource, Clock, DemoFault, Printer, PrinterId, shown_address, whole_address,
};
use printer::OpenPort;
use sandbox::Decoders;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use store::{Store, StoreError, private_file};

/// The file in the data folder.
const FILE: &str = "camera-passwords.json";

/// The whole addresses of cameras that have something secret in theirs.
#[derive(Debug)]
pub(crate) struct Secrets {
    path: PathBuf,
    whole: Mutex<BTreeMap<CameraId, String>>,
}

impl Secrets {
    /// Reads the file. One that cannot be read is told in the log; passwords have to be entered again then.
    pub(crate) fn open(data_dir: &Path) -> Self {
        let path = data_dir.join(FILE);
        let whole = private_file::read(&path, "the file of passwords of the cameras");
        Self { path, whole: Mutex::new(whole) }
    }

    /// Returns whether something secret is kept of a camera.
    pub(crate) fn has(&self, id: CameraId) -> bool {
        self.whole.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&id)
    }

    /// Returns the whole address for what a person gave, who sees no password and leaves it out.
    fn complete(&self, id: CameraId, given: &str) -> String {
        let whole = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        whole_address(given, whole.get(&id).map_or("", String::as_str))
    }

    /// Returns a source whose address is whole.
    pub(crate) fn complete_source(&self, id: CameraId, source: CameraSource) -> CameraSource {
        match source.address().map(|url| self.complete(id, url)) {
            Some(whole) => source.with_address(whole),
            None => source,
        }
    }

    /// Keeps the whole address of a camera, or forgets it where nothing of it is secret. On the disk when it returns.
    fn keep(&self, id: CameraId, address: Option<&str>) -> io::Result<()> {
        let mut whole = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        let secret = address.filter(|address| shown_address(address) != **address);
        if whole.get(&id).map(String::as_str) == secret {
            return Ok(());
        }
        let mut changed = whole.clone();
        match secret {
            Some(address) => changed.insert(id, address.to_owned()),
            None => changed.remove(&id),
        };
        private_file::write(&self.path, &serde_json::to_vec(&changed)?)?;
        *whole = changed;
        Ok(())
    }

    /// Forgets what was kept of a camera.
    pub(crate) fn forget(&self, id: CameraId) {
        if let Err(error) = self.keep(id, None) {
            tracing::warn!(%error, "the password of a removed camera is still kept");
        }
    }

    /// Returns a camera as it is opened.
    fn whole(&self, camera: &Camera) -> Camera {
        let whole = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        // A restored history may have another camera of this number: a password is for its own address only.
        let known = whole.get(&camera.id).filter(|known| Some(&*shown_address(known)) == address(camera));
        match known {
            Some(known) => with_address(camera, known.clone()),
            None => camera.clone(),
        }
    }

    /// Stores a camera (id 0 is a new one) without its secrets, which are kept here.
    pub(crate) fn store(&self, tx: &store::Transaction<'_>, camera: &Camera) -> Result<Camera, StoreError> {
        let whole = address(camera).map(|given| self.complete(camera.id, given));
        let mut stored =
            whole.as_ref().map_or_else(|| camera.clone(), |whole| with_address(camera, shown_address(whole)));
        if stored.id.get() == 0 {
            stored.id = store::camera::insert(tx, &stored)?;
        } else {
            store::camera::update(tx, &stored)?;
        }
        self.keep(stored.id, whole.as_deref()).map_err(|source| StoreError::File {
            what: "write",
            path: self.path.clone(),
            source,
        })?;
        Ok(stored)
    }

    /// Takes the passwords that earlier versions wrote into the database out of it and its copies.
    ///
    /// # Errors
    /// When they cannot be written elsewhere; they stay where they were then.
    pub(crate) fn take_out(
        self: &Arc<Self>,
        store: &Store,
        data_dir: &Path,
        cameras: &mut [Camera],
    ) -> Result<(), StoreError> {
        for camera in cameras.iter_mut().filter(|camera| has_secret(camera)) {
            let (secrets, old) = (self.clone(), camera.clone());
            *camera = store.write_now(move |tx| {
                store::camera::forget_for_good(tx)?;
                secrets.store(tx, &old)
            })?;
            tracing::info!(camera = %camera.id, "the password of a camera was taken out of the database");
        }
        // Copies of the database are made before each migration: they may hold what the database no longer does.
        store::camera::rewrite_copies(data_dir, |camera| {
            has_secret(camera)
                .then(|| with_address(camera, shown_address(address(camera).unwrap_or_default())))
        });
        Ok(())
    }
}

fn address(camera: &Camera) -> Option<&str> {
    camera.source.address()
}

fn has_secret(camera: &Camera) -> bool {
    address(camera).is_some_and(|address| shown_address(address) != address)
}

fn with_address(camera: &Camera, address: String) -> Camera {
    let mut camera = camera.clone();
    camera.source = camera.source.with_address(address);
    camera
}

/// Opens cameras with their passwords.
pub(crate) struct WithSecrets {
    factory: Arc<dyn DeviceFactory>,
    secrets: Arc<Secrets>,
}

impl WithSecrets {
    /// Opens what `factory` opens.
    pub(crate) fn new(factory: Arc<dyn DeviceFactory>, secrets: Arc<Secrets>) -> Self {
        Self { factory, secrets }
    }
}

impl DeviceFactory for WithSecrets {
    fn printer(&self, printer: &Printer, clock: Arc<dyn Clock>) -> Option<Box<dyn OpenPort>> {
        self.factory.printer(printer, clock)
    }

    fn camera(&self, camera: &Camera, clock: Arc<dyn Clock>) -> Option<Box<dyn OpenSource>> {
        self.factory.camera(&self.secrets.whole(camera), clock)
    }

    fn decoders(&self) -> Decoders {
        self.factory.decoders()
    }

    fn demo_fault(&self, printer: PrinterId, fault: DemoFault, on: bool) -> Result<(), String> {
        self.factory.demo_fault(printer, fault, on)
    }

    fn sample_file(&self) -> Option<(String, Vec<u8>)> {
        self.factory.sample_file()
    }

    fn sample_picture(&self, failing: bool) -> Option<Bytes> {
        self.factory.sample_picture(failing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Rotation, Timestamp};
    use std::fs;
    use std::time::Duration;

    fn camera(id: i64, url: &str) -> Camera {
        let source = CameraSource::Snapshot { url: url.into(), certificate: None };
        Camera {
            id: CameraId(id),
            name: "Bed".into(),
            source,
            rotation: Rotation::Deg0,
            flip_h: false,
            flip_v: false,
            crop: None,
        }
    }

    /// Returns whether any file of a folder, but that of the passwords, holds a text.
    fn holds(dir: &Path, text: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for entry in fs::read_dir(dir).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                found.extend(holds(&path, text));
            } else if !path.ends_with(FILE)
                && fs::read(&path).unwrap().windows(text.len()).any(|part| part == text.as_bytes())
            {
                found.push(path);
            }
        }
        found
    }

    #[test]
    fn what_earlier_versions_wrote_in_clear_is_in_no_file_but_one_any_more() {
        let dir = tempfile::tempdir().unwrap();
        let (now, root) = (Timestamp::from_micros(0), dir.path());
        let (store, _) = Store::open(root, now, |_| ()).unwrap();
        let old = camera(0, "http://me:h4rd2guess@cam/snap.jpg?pwd=x9y8z7w6");
        let id = store.write_now(move |tx| store::camera::insert(tx, &old)).unwrap();
        let mut cameras = store.read(store::camera::list).unwrap();
        store.close(Duration::from_secs(5)).unwrap();
        fs::create_dir(root.join("backup")).unwrap();
        fs::copy(root.join("printvigil.db"), root.join("backup/printvigil-1970-01-01T00-00-00Z-v4.db"))
            .unwrap();
        assert_eq!(holds(root, "h4rd2guess").len(), 2, "the test begins with them in clear");

        let (store, _) = Store::open(root, now, |_| ()).unwrap();
        let secrets = Arc::new(Secrets::open(root));
        secrets.take_out(&store, root, &mut cameras).unwrap();
        assert_eq!(address(&cameras[0]), Some("http://cam/snap.jpg?pwd=***"));
        assert_eq!(store.read(store::camera::list).unwrap(), cameras);
        store.close(Duration::from_secs(5)).unwrap();
        for secret in ["h4rd2guess", "x9y8z7w6"] {
            assert_eq!(holds(root, secret), Vec::<PathBuf>::new(), "{secret}");
        }
        let again = Secrets::open(root);
        assert!(again.has(id));
        let whole = again.whole(&cameras[0]);
        assert_eq!(address(&whole), Some("http://me:h4rd2guess@cam/snap.jpg?pwd=x9y8z7w6"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(root.join(FILE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let elsewhere = camera(id.get(), "http://evil/snap.jpg?pwd=***");
        assert_eq!(again.whole(&elsewhere), elsewhere, "a password goes to its own camera only");
        again.forget(id);
        assert!(!Secrets::open(root).has(id) && holds(root, "h4rd2guess").is_empty());
    }
}
