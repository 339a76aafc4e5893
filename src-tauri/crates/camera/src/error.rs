//! What can go wrong with a camera, and what a person can do about it.

/// Why a camera gives no pictures.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CameraError {
    /// No such device is plugged in.
    #[error("no camera found at {device}")]
    NotFound {
        /// As the settings name it.
        device: String,
    },
    /// Another program, or a second camera of ours, holds the device.
    #[error("the camera {device} is in use by another program")]
    Busy {
        /// As the settings name it.
        device: String,
    },
    /// The system does not let us open the device.
    #[error("the system does not allow opening the camera {device}")]
    Denied {
        /// As the settings name it.
        device: String,
    },
    /// The device offers nothing that we can read, or not what the settings ask for.
    #[error("the camera {device} offers no picture format that fits (it has: {offered})")]
    NoFormat {
        /// As the settings name it.
        device: String,
        /// What it offers.
        offered: String,
    },
    /// The device was open and failed, or fails to open for a reason of its own.
    #[error("the camera {device} failed: {reason}")]
    Device {
        /// As the settings name it.
        device: String,
        /// The driver's words.
        reason: String,
    },
    /// The URL is none that we can read.
    #[error("the camera address {url} cannot be used: {reason}")]
    BadUrl {
        /// As the settings have it.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nobody answers at the URL.
    #[error("no answer from the camera at {url}: {reason}")]
    Unreachable {
        /// As the settings have it.
        url: String,
        /// The system's words.
        reason: String,
    },
    /// The camera answered with something else than pictures.
    #[error("the camera at {url} did not send a picture: {reason}")]
    NoPicture {
        /// As the settings have it.
        url: String,
        /// What it sent.
        reason: String,
    },
    /// A picture is not a whole JPEG.
    #[error("a picture is damaged: {reason}")]
    Damaged {
        /// What is wrong with it.
        reason: String,
    },
    /// The camera is open but no picture comes.
    #[error("no picture for {secs} seconds")]
    Silent {
        /// Whole seconds.
        secs: u64,
    },
    /// Anything else, in words for people that say what happened; the second text says what to do.
    #[error("{what}")]
    Other {
        /// What happened.
        what: String,
        /// What to do.
        cure: String,
    },
}

impl CameraError {
    /// Returns what a person can do about it, as a full sentence.
    pub fn cure(&self) -> String {
        match self {
            Self::NotFound { .. } => "Plug the camera in, or choose another one in the printer's settings.".into(),
            Self::Busy { .. } => "Close other programs that use the camera (video calls, browsers, another \
                 watcher); it is then picked up by itself."
                .into(),
            Self::Denied { .. } if cfg!(target_os = "linux") => {
                "Add yourself to the group \"video\" (sudo usermod -aG video $USER), then log out and in.".into()
            }
            Self::Denied { .. } => {
                "Allow camera access for this app in the system's privacy settings, then start it again.".into()
            }
            Self::NoFormat { .. } => {
                "Choose another size in the camera's settings, or leave the choice to the app.".into()
            }
            Self::Device { .. } => {
                "Unplug the camera and plug it in again, without a hub if you can; it is then picked up by itself."
                    .into()
            }
            Self::BadUrl { .. } => {
                "Give the address as http://name-or-number/path, as a browser on this computer opens it.".into()
            }
            Self::Unreachable { .. } => "Check that the camera is switched on and in the same network, and that \
                 the address opens in a browser on this computer."
                .into(),
            Self::NoPicture { .. } => "Open the address in a browser: it must show the picture itself, not a \
                 page around it. Look up the snapshot or stream address in the camera's manual."
                .into(),
            Self::Damaged { .. } => {
                "Try another USB port or a shorter cable, or choose a smaller picture size.".into()
            }
            Self::Silent { .. } => "Unplug the camera and plug it in again (or switch a network camera off and \
                 on); it is then picked up by itself."
                .into(),
            Self::Other { cure, .. } => cure.clone(),
        }
    }

    /// Returns what happened and what to do, as people read it: "No camera found at …. Plug the camera in …".
    pub fn for_people(&self) -> String {
        let what = self.to_string();
        let mut letters = what.chars();
        let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
        format!("{first}{}. {}", letters.as_str(), self.cure())
    }
}
