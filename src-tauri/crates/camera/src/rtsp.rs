//! Cameras that stream H.264 by RTSP, over one TCP connection.
//!
//! `retina` speaks the protocol, on a runtime of this camera's own thread; what reaches it goes through the relay. The frames
//! are decoded in a process of their own.

use crate::address::{Address, STREAM};
use crate::h264::{Coded, Pictures};
use crate::relay::{self, Cut, Seen};
use crate::vet::{REFUSED, may_be_asked};
use crate::{CameraError, OpenSource, Source, StopFlag, Wanted};
use bytes::Bytes;
use futures_util::StreamExt;
use outbound::{Line, OutboundPurpose};
use retina::client::{
    Credentials, Demuxed, PlayOptions, Session, SessionGroup, SessionOptions, SetupOptions,
    TcpTransportOptions, TeardownPolicy, Transport,
};
use retina::codec::{CodecItem, FrameFormat, ParametersRef, VideoFrame};
use sandbox::{Decoders, MAX_SIDE_PX};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::{TcpStream, lookup_host};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use url::Url;

/// How long the camera may take for each step.
const STEP_TIMEOUT: Duration = Duration::from_secs(5);

/// So long an open stream may give no frame.
const STALLED: Duration = Duration::from_secs(7);

/// So long a stream may come without a whole picture.
const PICTURE_WITHIN: Duration = Duration::from_secs(12);

/// How long a camera may take to hear that it is not wanted any more.
const TEARDOWN: Duration = Duration::from_millis(500);

/// Whether the camera is still wanted is looked at so often.
const SLICE: Duration = Duration::from_millis(200);

const USUAL_PORT: u16 = 554;

/// Opens a stream.
pub(crate) struct RtspOpener {
    url: String,
    decoders: Decoders,
    stop: StopFlag,
    wanted: Wanted,
}

impl RtspOpener {
    pub(crate) fn new(url: String, decoders: Decoders) -> Self {
        Self { url, decoders, stop: StopFlag::default(), wanted: Wanted::default() }
    }
}

impl OpenSource for RtspOpener {
    fn watch_stop(&mut self, stop: StopFlag) {
        self.stop = stop;
    }

    fn watch_wanted(&mut self, wanted: Wanted) {
        self.wanted = wanted;
    }

    // The real time of a network is no `Clock`'s.
    #[allow(clippy::disallowed_methods)]
    fn open(&mut self) -> Result<Box<dyn Source>, CameraError> {
        let address = Address::parse(&self.url, STREAM)?;
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = Worker(Some(runtime.map_err(|error| address.unreachable(&error.to_string()))?));
        let (group, seen, frames) = runtime.wait(open(&address), &self.stop)?;
        let pictures = Pictures::new(&self.decoders)?;
        let (stop, wanted) = (self.stop.clone(), self.wanted.clone());
        let began = Instant::now();
        let mut stream =
            Stream { address, frames: Some(frames), group, seen, pictures, stop, wanted, began, runtime };
        stream.parameters()?;
        Ok(Box::new(stream))
    }
}

/// A runtime that waits for nothing when it ends: a look-up of a name may hang.
struct Worker(Option<Runtime>);

impl Worker {
    /// Runs something to its end, or until the camera is not wanted any more.
    fn wait<T>(
        &self,
        work: impl Future<Output = Result<T, CameraError>>,
        stop: &StopFlag,
    ) -> Result<T, CameraError> {
        let runtime = self.0.as_ref().expect("it is there until it is dropped");
        runtime.block_on(async {
            let mut work = std::pin::pin!(work);
            loop {
                if let Ok(done) = timeout(SLICE, work.as_mut()).await {
                    return done;
                }
                if stop.is_set() {
                    // Nobody listens any more.
                    return Err(CameraError::Silent { secs: 0 });
                }
            }
        })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

type Open = (Arc<SessionGroup>, Arc<Seen>, Pin<Box<Demuxed>>);

/// Connects, asks what there is, and begins to play it.
async fn open(address: &Address) -> Result<Open, CameraError> {
    let (camera, line) = connect(address).await?;
    let (port, seen) = relay::start(camera, line).await.map_err(|e| address.unreachable(&e.to_string()))?;
    let group = Arc::new(SessionGroup::default());
    let login = address.login.as_ref();
    let creds = login.map(|l| Credentials { username: l.name.clone(), password: l.password.clone() });
    let options = SessionOptions::default()
        .creds(creds)
        .session_group(group.clone())
        .user_agent("printvigil".to_owned())
        .teardown(TeardownPolicy::Auto);
    let url = format!("rtsp://127.0.0.1:{port}{}", address.path);
    let url = Url::parse(&url).map_err(|e| address.unreachable(&e.to_string()))?;
    let mut session = step(address, &seen, Session::describe(url, options)).await?;
    let video = h264_of(&session, address)?;
    let setup = SetupOptions::default()
        .transport(Transport::Tcp(TcpTransportOptions::default()))
        .frame_format(FrameFormat::MP4);
    step(address, &seen, session.setup(video, setup)).await?;
    let playing = step(address, &seen, session.play(PlayOptions::default())).await?;
    let frames = playing.demuxed().map_err(|error| failed(address, &seen, &error))?;
    Ok((group, seen, Box::pin(frames)))
}

/// Looks the name up once, and connects to an address that a camera may have.
async fn connect(address: &Address) -> Result<(TcpStream, Line), CameraError> {
    let bare = address.host.trim_start_matches('[').trim_end_matches(']');
    let port = address.port.unwrap_or(USUAL_PORT);
    let found = timeout(STEP_TIMEOUT, lookup_host((bare, port))).await;
    let Ok(Ok(found)) = found else {
        return Err(address.unreachable("no device of that name in the network"));
    };
    let fit: Vec<_> = found.filter(|found| may_be_asked(found.ip())).collect();
    if fit.is_empty() {
        return Err(address.unreachable(REFUSED));
    }
    let place = format!("{}:{port}", address.host);
    let connected = outbound::connect(OutboundPurpose::Camera, &place, &fit, STEP_TIMEOUT).await;
    // One text for all that goes wrong: it must not tell which ports of a device are open.
    connected.map_err(|_| no_answer(address))
}

fn no_answer(address: &Address) -> CameraError {
    let secs = STEP_TIMEOUT.as_secs();
    address.unreachable(&format!("it refused, or no answer that a camera gives came within {secs} seconds"))
}

async fn step<T>(
    address: &Address,
    seen: &Seen,
    work: impl Future<Output = Result<T, retina::Error>>,
) -> Result<T, CameraError> {
    match timeout(STEP_TIMEOUT, work).await {
        Ok(done) => done.map_err(|error| failed(address, seen, &error)),
        Err(_) => Err(no_answer(address)),
    }
}

/// Returns which stream is the video, if it is one that can be read.
fn h264_of(session: &Session<retina::client::Described>, address: &Address) -> Result<usize, CameraError> {
    let videos: Vec<_> = session.streams().iter().enumerate().filter(|(_, s)| s.media() == "video").collect();
    if let Some((found, _)) = videos.iter().find(|(_, stream)| stream.encoding_name() == "h264") {
        return Ok(*found);
    }
    match videos.first().map(|(_, stream)| stream.encoding_name()) {
        None => Err(address.no_picture("there is no video in this stream")),
        Some(name) => {
            let codec = match name {
                "h265" => "H.265".into(),
                "jpeg" => "motion JPEG over RTSP".into(),
                // The camera's own word.
                other => other.chars().filter(|c| c.is_ascii_graphic()).take(20).collect(),
            };
            Err(CameraError::Codec { url: address.shown(), codec })
        }
    }
}

/// Says why the protocol came to its end, by what the camera answered last.
fn failed(address: &Address, seen: &Seen, error: &retina::Error) -> CameraError {
    tracing::debug!(%error, "a stream failed");
    let answer = seen.answer().map(|(last, location)| (error.status_code().unwrap_or(last), location));
    match (seen.cut(), answer) {
        (Some(Cut::Answer), _) => address.no_picture("its answer is far too long for a camera's"),
        (Some(Cut::Endless), _) => address.no_picture("16 MB and no whole picture in them"),
        (None, None) => address.no_picture("it does not speak RTSP"),
        (None, Some((401 | 403, _))) => address.refused_login(),
        (None, Some((404, _))) => address.no_picture("it knows no such stream (404)"),
        (None, Some((453 | 503, _))) => {
            address.no_picture("it serves no more viewers; close other programs that show this camera")
        }
        (None, Some((301..=308, location))) => address.moved(location.as_deref()),
        (None, Some((200, _))) => address.no_picture("the stream ended, or is not as the standard has it"),
        (None, Some((status, _))) => address.no_picture(&format!("it answered {status}")),
    }
}

struct Stream {
    address: Address,
    /// There until it is dropped.
    frames: Option<Pin<Box<Demuxed>>>,
    group: Arc<SessionGroup>,
    seen: Arc<Seen>,
    pictures: Pictures,
    stop: StopFlag,
    wanted: Wanted,
    began: Instant,
    runtime: Worker,
}

impl Stream {
    /// Hands the decoder the parameters that the stream has now.
    fn parameters(&mut self) -> Result<(), CameraError> {
        let Some(frames) = &self.frames else { return Ok(()) };
        let video = frames.streams().iter().find_map(|stream| match stream.parameters() {
            Some(ParametersRef::Video(video)) => Some(video),
            Some(_) | None => None,
        });
        // They may come with the first whole frame.
        let Some(video) = video else { return Ok(()) };
        let (width, height) = video.coded_pixel_dimensions();
        if width.max(height) > MAX_SIDE_PX || width.min(height) == 0 {
            return Err(self.address.no_picture(&format!(
                "its pictures have {width} x {height} pixels, more than can be decoded; use its smaller stream"
            )));
        }
        self.pictures.parameters(video.extra_data())
    }

    /// Waits for the next frame of the video.
    fn frame(&mut self) -> Result<VideoFrame, CameraError> {
        let (address, seen) = (&self.address, &self.seen);
        let Some(frames) = &mut self.frames else { return Err(address.no_picture("it was closed")) };
        let next = async {
            loop {
                match timeout(STALLED, frames.next()).await {
                    Err(_) => {
                        let why =
                            format!("the stream stopped: no picture came for {} seconds", STALLED.as_secs());
                        return Err(address.unreachable(&why));
                    }
                    Ok(None) => return Err(address.no_picture("the camera ended the stream")),
                    Ok(Some(Err(error))) => return Err(failed(address, seen, &error)),
                    Ok(Some(Ok(CodecItem::VideoFrame(frame)))) => return Ok(frame),
                    Ok(Some(Ok(_))) => (),
                }
            }
        };
        self.runtime.wait(next, &self.stop)
    }
}

impl Source for Stream {
    fn next(&mut self) -> Result<Bytes, CameraError> {
        let until = self.began.elapsed() + PICTURE_WITHIN;
        loop {
            let frame = self.frame()?;
            self.seen.picture();
            if frame.has_new_parameters() {
                self.parameters()?;
            }
            if frame.loss() > 0 {
                self.pictures.lost();
            }
            let coded = Coded { units: frame.data(), whole: frame.is_random_access_point() };
            let now = self.began.elapsed();
            if let Some(picture) = self.pictures.take(&coded, self.wanted.take(), now)? {
                return Ok(picture);
            }
            if now > until {
                return Err(self.address.no_picture(
                    "no whole picture came in 12 seconds; set its I-frame interval (keyframes) to 2 seconds",
                ));
            }
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // Cameras serve few viewers: the place is given back before the connection ends.
        let frames = self.frames.take();
        let group = self.group.clone();
        let runtime = self.runtime.0.as_ref();
        if let Some(runtime) = runtime {
            runtime.block_on(async {
                drop(frames);
                let _ = timeout(TEARDOWN, group.await_teardown()).await;
            });
        }
    }
}
