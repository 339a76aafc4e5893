//! What can go wrong with a camera, and what a person can do about it.

use sandbox::Ended;

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
    /// The camera wants a name and a password, and has none.
    #[error("the camera at {url} asks for a name and a password")]
    NeedsLogin {
        /// As it may be shown.
        url: String,
    },
    /// The camera does not take the name and the password that it was given.
    #[error("the camera at {url} does not accept this name and password")]
    WrongLogin {
        /// As it may be shown.
        url: String,
    },
    /// HTTPS with a certificate that nobody vouches for, or another one than a person accepted. Nothing was sent.
    #[error("{}", certificate_words(url, fingerprint, *another))]
    Certificate {
        /// As it may be shown.
        url: String,
        /// SHA-256 of the certificate that the camera showed.
        fingerprint: String,
        /// One was accepted before, and this is not it.
        another: bool,
    },
    /// The address gives a page to read.
    #[error("what is at {url} is not a video stream but a web page{}", title_words(title))]
    WebPage {
        /// As it may be shown.
        url: String,
        /// What the page calls itself; may be empty.
        title: String,
    },
    /// A stream, but of a kind that is not read here.
    #[error("the stream at {url} is {codec}, which cannot be read here")]
    Codec {
        /// As it may be shown.
        url: String,
        /// What it is, as people call it.
        codec: String,
    },
    /// The process that decodes the camera's stream failed.
    #[error("the process that decodes the camera's stream {ended}")]
    Decoder {
        /// How.
        ended: Ended,
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

fn certificate_words(url: &str, fingerprint: &str, another: bool) -> String {
    if another {
        format!(
            "the camera at {url} shows another certificate than the one that you accepted, so nothing was sent to \
             it (fingerprint now {fingerprint})"
        )
    } else {
        format!("nobody vouches for the certificate of the camera at {url} (fingerprint {fingerprint})")
    }
}

fn title_words(title: &str) -> String {
    if title.is_empty() { String::new() } else { format!(": {title:?}") }
}

impl CameraError {
    /// Returns a word for programs: whoever shows the error may help with some of them.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NeedsLogin { .. } | Self::WrongLogin { .. } => "camera_login",
            Self::Certificate { .. } => "camera_certificate",
            Self::NotFound { .. }
            | Self::Busy { .. }
            | Self::Denied { .. }
            | Self::NoFormat { .. }
            | Self::Device { .. }
            | Self::BadUrl { .. }
            | Self::Unreachable { .. }
            | Self::NoPicture { .. }
            | Self::WebPage { .. }
            | Self::Codec { .. }
            | Self::Decoder { .. }
            | Self::Damaged { .. }
            | Self::Silent { .. }
            | Self::Other { .. } => "camera",
        }
    }

    /// Returns whether this says more than a stumble: it is told at once, and a picture soon after does not show that it is
    /// over.
    pub(crate) fn is_of_the_decoder(&self) -> bool {
        matches!(self, Self::Decoder { .. })
    }

    /// Returns the fingerprint of the certificate that a person would have to accept.
    pub fn certificate(&self) -> Option<&str> {
        if let Self::Certificate { fingerprint, .. } = self { Some(fingerprint) } else { None }
    }

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
            Self::BadUrl { url, .. } if url.starts_with("rtsp") => {
                "Give the address as rtsp://name-or-number/path; the camera's manual or its app names it.".into()
            }
            Self::BadUrl { .. } => {
                "Give the address as http://name-or-number/path, as a browser on this computer opens it.".into()
            }
            Self::NeedsLogin { .. } => "Enter both beside the address. They are those of the camera itself, often on \
                 its label or set at its first start."
                .into(),
            Self::WrongLogin { .. } => "Type them again; capital letters count. Some cameras want a user of their own \
                 for streams, which is made in the camera's own settings."
                .into(),
            Self::Certificate { another: false, .. } => "That is usual for cameras. Enter the address in the camera's \
                 settings again: the fingerprint is shown there, and you can accept it."
                .into(),
            Self::Certificate { another: true, .. } => "Was the camera reset or updated? Then enter its address in its \
                 settings again and accept the new certificate. If not, something else may be answering in its place."
                .into(),
            Self::WebPage { .. } => "Look in the camera's manual for its stream or snapshot address: it often ends in \
                 .jpg, .mjpg or action=stream. Opened in a browser it shows the picture and nothing around it."
                .into(),
            Self::Codec { .. } => "Set the camera to H.264 in its own settings (often under Video or Encoding), or use \
                 the address of its second, smaller stream."
                .into(),
            Self::Unreachable { url, .. } if url.starts_with("rtsp") => "Check that the camera is switched on and in \
                 the same network, and that RTSP is switched on in its own settings; its usual port is 554."
                .into(),
            Self::Unreachable { .. } => "Check that the camera is switched on and in the same network, and that \
                 the address opens in a browser on this computer."
                .into(),
            Self::NoPicture { url, .. } if url.starts_with("rtsp") => "Try the address in a video player such as VLC, \
                 and look it up in the camera's manual: streams often have a path such as /stream1 or /live."
                .into(),
            Self::NoPicture { .. } => "Open the address in a browser: it must show the picture itself, not a \
                 page around it. Look up the snapshot or stream address in the camera's manual."
                .into(),
            Self::Decoder { .. } => "It is started again by itself, and printing goes on meanwhile. If it happens often, \
                 close programs that need much memory, or use the address of the camera's second, smaller stream."
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
