//! The thread of one camera, and the handle that its owner holds.

use crate::health::Vigil;
use crate::reader::{Message, Reader, guarded, real_ms};
use crate::rgb::Flips;
use crate::ring::{MAX_BYTES, Ring};
use crate::tables::completed;
use crate::{
    CameraError, Frame, FrameIds, OpenSource, StopFlag, Wanted, decode_jpeg, encode_jpeg, read_head,
};
use bytes::Bytes;
use domain::{
    Camera, CameraHealth, CameraId, CameraSource, Clock, FrameId, FrameInfo, Millis, Now, Orientation,
    Rotation,
};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Builder;
use std::time::Duration;
use tokio::sync::watch;

/// How long the camera's thread waits for a word before it looks at the time.
const SLICE: Duration = Duration::from_millis(250);

/// How long a camera may take to close before its reader is left behind.
const CLOSE_PATIENCE: Duration = Duration::from_secs(2);

/// Quality of pictures that had to be turned.
const TURNED_QUALITY: u8 = 85;

/// Hears each change of a camera's health, on the camera's thread. Must not block.
pub type OnHealth = Box<dyn Fn(CameraId, CameraHealth) + Send>;

/// The pictures of a running camera. Cheap to clone; outlives the camera.
#[derive(Debug, Clone)]
pub struct Frames {
    ring: Arc<Mutex<Ring>>,
    latest: watch::Receiver<Option<Arc<Frame>>>,
    wanted: Wanted,
    looked: Wanted,
}

impl Frames {
    /// Says that somebody looks at the pictures now: a stream that is decoded here then gives several a second.
    pub fn look(&self) {
        self.wanted.ask();
        self.looked.ask();
    }

    /// Returns a channel that always holds the newest frame; `None` until there is one.
    pub fn latest(&self) -> watch::Receiver<Option<Arc<Frame>>> {
        self.latest.clone()
    }

    /// Returns the frame of that number, if the ring still has it.
    pub fn frame(&self, id: FrameId) -> Option<Arc<Frame>> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner).frame(id)
    }

    /// Returns the held frames taken at `since_mono_ms` (the camera's clock) or later, oldest first.
    pub fn recent(&self, since_mono_ms: Millis) -> Vec<FrameInfo> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner).recent(since_mono_ms)
    }
}

/// A running camera. Dropping it stops the camera, without waiting for its driver.
#[derive(Debug)]
pub struct CameraHandle {
    frames: Frames,
    messages: SyncSender<Message>,
    stop: StopFlag,
}

impl CameraHandle {
    /// Returns the camera's pictures, to hand to whoever shows or keeps them.
    pub fn frames(&self) -> Frames {
        self.frames.clone()
    }

    /// Returns whether somebody has looked at the pictures since this was last asked.
    pub fn was_looked_at(&self) -> bool {
        self.frames.looked.take()
    }

    /// As [`Frames::latest`].
    pub fn latest(&self) -> watch::Receiver<Option<Arc<Frame>>> {
        self.frames.latest()
    }

    /// As [`Frames::frame`].
    pub fn frame(&self, id: FrameId) -> Option<Arc<Frame>> {
        self.frames.frame(id)
    }

    /// As [`Frames::recent`].
    pub fn recent(&self, since_mono_ms: Millis) -> Vec<FrameInfo> {
        self.frames.recent(since_mono_ms)
    }

    /// Stops the camera. Never waits: its threads close the device as soon as its driver lets them, and a camera that is
    /// started on the same device waits for that.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for CameraHandle {
    fn drop(&mut self) {
        self.stop.set();
        // Full, or ended already: the flag is seen within a quarter of a second.
        let _ = self.messages.try_send(Message::Stop);
    }
}

/// Starts the thread of `camera`. Its frames are numbered by `ids` and stamped by `clock`; `on_health` hears
/// each change, beginning with the first picture or the first failure.
///
/// # Errors
/// When the system gives no more threads. A camera that cannot be opened is no error here: it is told by
/// `on_health` and tried again.
pub fn spawn(
    camera: Camera,
    opener: Box<dyn OpenSource>,
    clock: Arc<dyn Clock>,
    ids: FrameIds,
    on_health: OnHealth,
) -> Result<CameraHandle, CameraError> {
    let id = camera.id;
    let (messages, inbox) = sync_channel(1);
    let stop = StopFlag::default();
    let (alive, ended) = sync_channel::<()>(0);
    let (newest, latest) = watch::channel(None);
    let ring = Arc::new(Mutex::new(Ring::new(clock.scale(), MAX_BYTES)));
    let wanted = Wanted::default();
    let frames = Frames { ring: ring.clone(), latest, wanted: wanted.clone(), looked: Wanted::default() };

    let device = match &camera.source {
        CameraSource::Device { device, .. } => Some(device.clone()),
        CameraSource::Snapshot { .. }
        | CameraSource::Mjpeg { .. }
        | CameraSource::Rtsp { .. }
        | CameraSource::Agent { .. }
        | CameraSource::Demo { .. } => None,
    };
    let reader =
        Reader { opener, clock: clock.clone(), out: messages.clone(), stop: stop.clone(), wanted, device };
    let read = move || {
        // Dropped last of all: its end tells that the device is closed.
        let _alive = alive;
        reader.run();
    };
    Builder::new().name(format!("camera-{id}-device")).spawn(read).map_err(no_thread)?;

    let vigil = Vigil::new(real_ms(clock.now(), &*clock));
    let sent = matches!(camera.source, CameraSource::Agent { .. });
    let vigil = if sent { vigil.unhurried() } else { vigil };
    let keeper = Keeper { camera, clock, ids, on_health, ring, newest, vigil };
    let stopped = stop.clone();
    let keep = move || {
        keeper.run(&inbox, &stopped);
        if let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(CLOSE_PATIENCE) {
            tracing::warn!(camera = %id, "the camera hangs in its driver and was left behind");
        }
    };
    // Dropped here when there is no thread: the reader ends, too.
    let handle = CameraHandle { frames, messages, stop };
    Builder::new().name(format!("camera-{id}")).spawn(keep).map_err(no_thread)?;
    Ok(handle)
}

fn no_thread(error: std::io::Error) -> CameraError {
    CameraError::Other {
        what: format!("the camera's thread could not be started: {error}"),
        cure: "Close other programs, then start this one again.".into(),
    }
}

/// The state of the camera's thread: what is done to a picture, and who hears of it.
struct Keeper {
    camera: Camera,
    clock: Arc<dyn Clock>,
    ids: FrameIds,
    on_health: OnHealth,
    ring: Arc<Mutex<Ring>>,
    newest: watch::Sender<Option<Arc<Frame>>>,
    vigil: Vigil,
}

impl Keeper {
    /// Runs until the camera is stopped. What fails here is told and gone on with: pictures must not end by a panic.
    fn run(mut self, inbox: &Receiver<Message>, stop: &StopFlag) {
        while !stop.is_set() {
            let ended = guarded(|| {
                self.keep(inbox, stop);
                Ok(())
            });
            if let Err(error) = ended {
                tracing::error!(camera = %self.camera.id, "the camera's thread failed and goes on");
                let health = CameraHealth::Lost { why: error.for_people() };
                let told = guarded(|| {
                    (self.on_health)(self.camera.id, health);
                    Ok(())
                });
                drop(told);
                self.vigil.forget();
                std::thread::sleep(SLICE);
            }
        }
    }

    fn keep(&mut self, inbox: &Receiver<Message>, stop: &StopFlag) {
        while !stop.is_set() {
            let message = inbox.recv_timeout(SLICE);
            let now_ms = real_ms(self.clock.now(), &*self.clock);
            let change = match message {
                Ok(Message::Picture(jpeg, taken)) => self.take(jpeg, taken, now_ms),
                Ok(Message::Failed(error)) => {
                    tracing::debug!(camera = %self.camera.id, %error, "camera failed");
                    self.vigil.failed(error, now_ms)
                }
                Err(RecvTimeoutError::Timeout) => self.vigil.quiet(now_ms),
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return,
            };
            if let Some(health) = change {
                (self.on_health)(self.camera.id, health);
            }
        }
    }

    /// Takes a picture into the ring and shows it; a damaged one is dropped and counted.
    fn take(&mut self, jpeg: Bytes, taken: Now, now_ms: Millis) -> Option<CameraHealth> {
        match guarded(|| self.prepare(&jpeg)) {
            Ok((jpeg, width, height)) => {
                let info = FrameInfo { camera: self.camera.id, id: self.ids.next(), taken, width, height };
                let frame = Arc::new(Frame { info, jpeg });
                self.ring.lock().unwrap_or_else(PoisonError::into_inner).push(frame.clone());
                self.newest.send_replace(Some(frame));
                self.vigil.whole((width, height), now_ms)
            }
            Err(error) => {
                let change = self.vigil.damaged(error.clone(), now_ms);
                tracing::debug!(camera = %self.camera.id, %error, damaged = self.vigil.damaged, "picture dropped");
                change
            }
        }
    }

    /// Trims, and where the settings or the picture's own EXIF data ask for it turns, mirrors and cuts; returns the picture and
    /// its size. What comes out has no EXIF data that a viewer would turn it by again.
    fn prepare(&self, jpeg: &Bytes) -> Result<(Bytes, u32, u32), CameraError> {
        let head = read_head(jpeg)?;
        let flips = Flips { left_to_right: self.camera.flip_h, top_to_bottom: self.camera.flip_v };
        let as_it_is = Flips { left_to_right: false, top_to_bottom: false };
        let upright = head.orientation == Orientation::UPRIGHT;
        let crop = self.camera.crop;
        if self.camera.rotation == Rotation::Deg0 && flips == as_it_is && upright && crop.is_none() {
            return Ok((completed(jpeg.slice(..head.num_bytes)), head.width, head.height));
        }
        let turned =
            decode_jpeg(&completed(jpeg.slice(..head.num_bytes)))?.turned(self.camera.rotation, flips);
        let turned = match crop {
            Some(crop) => turned.cropped(crop),
            None => turned,
        };
        let jpeg = encode_jpeg(&turned, TURNED_QUALITY)?;
        Ok((Bytes::from(jpeg), turned.width, turned.height))
    }
}
