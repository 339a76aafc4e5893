//! The detection tried and its models chosen, and what this computer has to offer.

use super::Station;
use crate::setup::{ModelChange, Models};
use crate::trial::{Brought, Sample, Tried, TryDir, TryError, TryView, look_at_sample};
use bytes::Bytes;
use camera::CameraError;
use detect::ImportedModel;
use domain::{CameraSource, DeviceOptions};
use std::path::{Path, PathBuf};

impl Station {
    /// Tries the detection on a picture, past all rules; blocks until it is analysed.
    ///
    /// # Errors
    /// A text for people: no picture, or no detector.
    pub fn try_detection(&self, sample: Sample) -> Result<Tried, TryError> {
        look_at_sample(sample, self.factory.as_ref(), &self.devices, &self.detect)
    }

    /// Makes a folder for what is to be tried; it goes when dropped. Blocks.
    ///
    /// # Errors
    /// When the disk does not take it, or something is being tried already.
    pub fn try_folder(&self) -> Result<TryDir, TryError> {
        self.trials.folder()
    }

    /// Begins to try what lies in `dir`: pictures `every` seconds apart, or one film, looked at so often. Blocks.
    ///
    /// # Errors
    /// When it cannot be tried, or something is being tried already.
    pub fn start_try(
        &self,
        dir: TryDir,
        files: Vec<Brought>,
        every: Option<f64>,
    ) -> Result<TryView, TryError> {
        self.trials.start(dir, files, every, self.detect.clone(), &self.factory.decoders())
    }

    /// Returns how far a trial is, with its looks from number `from` on.
    pub fn trial(&self, id: u64, from: usize) -> Option<TryView> {
        self.trials.view(id, from)
    }

    /// Returns where the picture of a look of a trial lies.
    pub fn trial_picture(&self, id: u64, n: usize) -> Option<PathBuf> {
        self.trials.picture(id, n)
    }

    /// Breaks a trial off and forgets it. Returns whether there was one.
    pub fn drop_trial(&self, id: u64) -> bool {
        self.trials.drop_one(id)
    }

    /// Returns all models and which one is used. Blocks.
    pub fn models(&self) -> Models {
        self.models.all()
    }

    /// Takes a model file in, checked in a child; blocks for up to a minute. Returns the test picture, too.
    ///
    /// # Errors
    /// In words for people.
    pub fn import_model(&self, file: &Path, name: &str) -> Result<(ImportedModel, Option<Bytes>), String> {
        self.models.import(file, name)
    }

    /// Uses a model from now on: an id, or `None` for ours. Blocks.
    ///
    /// # Errors
    /// In words for people.
    pub fn use_model(&self, id: Option<&str>) -> Result<(), String> {
        self.models.choose(id)
    }

    /// Changes what the user chose about a model. Blocks.
    ///
    /// # Errors
    /// In words for people.
    pub fn change_model(&self, id: &str, change: ModelChange) -> Result<ImportedModel, String> {
        self.models.change(id, change)
    }

    /// Forgets a model; ours is used if it was the chosen one. Blocks.
    ///
    /// # Errors
    /// In words for people.
    pub fn remove_model(&self, id: &str) -> Result<bool, String> {
        self.models.remove(id)
    }

    /// Returns the cameras of this computer: name for the system, name for people. Blocks.
    pub fn camera_devices() -> Vec<(String, String)> {
        camera::list_devices().into_iter().map(|found| (found.device, found.label)).collect()
    }

    /// Takes one picture with a camera of this computer. Blocks.
    ///
    /// # Errors
    /// What is wrong with the camera.
    pub fn device_frame(&self, device: &str) -> Result<Bytes, CameraError> {
        self.source_frame(&CameraSource::device(device))
    }

    /// Returns what a camera of this computer offers; it may be in use. Blocks.
    ///
    /// # Errors
    /// What is wrong with the camera.
    pub fn device_options(device: &str) -> Result<DeviceOptions, CameraError> {
        camera::device_options(device)
    }

    /// Takes one picture with a camera that is not running. Blocks, up to 15 seconds.
    ///
    /// # Errors
    /// What is wrong with the camera.
    pub fn source_frame(&self, source: &CameraSource) -> Result<Bytes, CameraError> {
        camera::one_frame(source, &self.factory.decoders())
    }

    /// Looks whether a network camera may have this address, as far as that can be told without asking for its name.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check_camera_address(source: &CameraSource) -> Result<(), CameraError> {
        camera::check_address(source)
    }

    /// Returns the fingerprint of a certificate as browsers show it: SHA-256, pairs of hex digits with colons.
    pub fn fingerprint(certificate: &[u8]) -> String {
        camera::fingerprint(certificate)
    }

    /// Returns whether a text can be the fingerprint of a certificate.
    pub fn is_fingerprint(text: &str) -> bool {
        camera::is_fingerprint(text)
    }

    /// Returns the serial ports of this computer, likely printers first. Blocks.
    pub fn ports() -> Vec<printer::PortInfo> {
        printer::list_ports()
    }

    /// Returns what keeps printers that are plugged in from being ports at all. Blocks.
    pub fn port_troubles() -> Vec<printer::Trouble> {
        printer::host_troubles()
    }
}
