//! A small RTSP server on loopback: encodes pictures of its own and sends them by RTP, or does what a camera should not.

use base64::Engine;
use openh264::OpenH264API;
use openh264::encoder::{Encoder, EncoderConfig};
use openh264::formats::{RgbSliceU8, YUVBuffer};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

/// Width and height of its pictures.
pub(crate) const SIZE: (usize, usize) = (320, 240);

/// Frames from one whole one to the next.
pub(crate) const GOP: usize = 10;

/// Largest payload of a packet.
const PACKET: usize = 1200;

/// Sends frames, each a list of its units.
type Play = dyn Fn(&mut TcpStream, &[Vec<Vec<u8>>]) -> std::io::Result<()> + Send + Sync;

/// What one connection gets.
#[derive(Clone)]
pub(crate) struct Plan {
    /// Wants a log-in, in these words.
    pub(crate) challenge: Option<&'static str>,
    /// Bytes in place of the answer to DESCRIBE.
    pub(crate) describe: Option<Vec<u8>>,
    /// Name of the coding in the description.
    pub(crate) coding: &'static str,
    /// Parameter sets in the description; those of its pictures unless set.
    pub(crate) sets: Option<[Vec<u8>; 2]>,
    /// Sends after PLAY.
    pub(crate) play: Arc<Play>,
}

impl Default for Plan {
    fn default() -> Self {
        Self { challenge: None, describe: None, coding: "H264", sets: None, play: Arc::new(steadily) }
    }
}

/// Sends its pictures over and over, ten a second.
fn steadily(stream: &mut TcpStream, frames: &[Vec<Vec<u8>>]) -> std::io::Result<()> {
    let mut sender = Sender::default();
    for n in 0.. {
        sender.send(stream, &frames[n % GOP])?;
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// Serves connections one after the other. Returns what stands behind `rtsp://` and what it was asked.
pub(crate) fn serve(plan: Plan) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("127.0.0.1:{}", listener.local_addr().unwrap().port());
    let (tell, told) = sync_channel(256);
    let serving = move || {
        let frames = encoded();
        for stream in listener.incoming() {
            // The other side may have heard enough at any time.
            let _ = connection(stream.unwrap(), &plan, &frames, &|request| drop(tell.try_send(request)));
        }
    };
    std::thread::Builder::new().name("rtsp server".into()).spawn(serving).unwrap();
    (base, told)
}

fn connection(
    mut stream: TcpStream,
    plan: &Plan,
    frames: &[Vec<Vec<u8>>],
    tell: &dyn Fn(String),
) -> std::io::Result<()> {
    loop {
        let mut request = Vec::new();
        let mut byte = [0];
        while !request.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte)?;
            request.push(byte[0]);
        }
        let request = String::from_utf8_lossy(&request).into_owned();
        tell(request.clone());
        let cseq = request.lines().find_map(|line| line.strip_prefix("CSeq: ")).unwrap_or("0").to_owned();
        let head = |status: &str| format!("RTSP/1.0 {status}\r\nCSeq: {cseq}\r\n");
        if let Some(challenge) = plan.challenge.filter(|_| !request.contains("Authorization")) {
            write!(stream, "{}WWW-Authenticate: {challenge}\r\n\r\n", head("401 Unauthorized"))?;
            continue;
        }
        let ok = head("200 OK");
        match request.split(' ').next().unwrap_or_default() {
            "DESCRIBE" => match &plan.describe {
                Some(bytes) => stream.write_all(&[ok.as_bytes(), bytes].concat())?,
                None => {
                    let sdp = description(plan, frames);
                    let length = sdp.len();
                    write!(
                        stream,
                        "{ok}Content-Type: application/sdp\r\nContent-Length: {length}\r\n\r\n{sdp}"
                    )?;
                }
            },
            "SETUP" => write!(
                stream,
                "{ok}Session: 1234;timeout=60\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n"
            )?,
            "PLAY" => {
                write!(stream, "{ok}Session: 1234\r\nRange: npt=0.000-\r\n\r\n")?;
                (plan.play)(&mut stream, frames)?;
            }
            _ => write!(stream, "{ok}\r\n")?,
        }
    }
}

fn description(plan: &Plan, frames: &[Vec<Vec<u8>>]) -> String {
    let encode = |unit: &[u8]| base64::engine::general_purpose::STANDARD.encode(unit);
    let own = || {
        let of = |kind: u8| frames[0].iter().find(|unit| unit[0] & 0x1F == kind).unwrap().clone();
        [of(7), of(8)]
    };
    let [sps, pps] = plan.sets.clone().unwrap_or_else(own);
    let profile: String = sps.iter().skip(1).take(3).map(|byte| format!("{byte:02X}")).collect();
    format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\n\
         a=rtpmap:96 {}/90000\r\na=fmtp:96 packetization-mode=1;profile-level-id={profile};\
         sprop-parameter-sets={},{}\r\na=control:track1\r\n",
        plan.coding,
        encode(&sps),
        encode(&pps),
    )
}

/// Encodes ten pictures that get brighter. Returns the units of each.
fn encoded() -> Vec<Vec<Vec<u8>>> {
    // None is left out to save bits.
    let config = EncoderConfig::new().skip_frames(false);
    let mut encoder = Encoder::with_api_config(OpenH264API::from_source(), config).unwrap();
    let frame = |n: usize| {
        let (width, height) = SIZE;
        let noise = |i: usize| (i.wrapping_mul(2_654_435_761) >> 20) as u8 / 8;
        // Neither dark nor flat: the right is brighter than the left.
        let grey = |i: usize| 30 + 12 * n as u8 + (i / 3 % width * 80 / width) as u8;
        let pixels: Vec<u8> = (0..width * height * 3).map(|i| grey(i) + noise(i)).collect();
        let yuv = YUVBuffer::from_rgb8_source(RgbSliceU8::new(&pixels, SIZE));
        units(&encoder.encode(&yuv).unwrap().to_vec())
    };
    (0..GOP).map(frame).collect()
}

/// Takes a stream with start codes apart.
fn units(stream: &[u8]) -> Vec<Vec<u8>> {
    // A unit ends in no zero: that is of the longer start code behind it.
    let unit = |unit: &[u8]| unit[3..].strip_suffix(&[0]).unwrap_or(&unit[3..]).to_vec();
    openh264::nal_units(stream).map(unit).collect()
}

/// Sends frames as RTP packets within the connection.
#[derive(Default)]
pub(crate) struct Sender {
    sequence: u16,
    time: u32,
}

impl Sender {
    pub(crate) fn send(&mut self, stream: &mut TcpStream, units: &[Vec<u8>]) -> std::io::Result<()> {
        self.time = self.time.wrapping_add(9000);
        let last = units.len() - 1;
        for (n, unit) in units.iter().enumerate() {
            if unit.len() <= PACKET {
                self.packet(stream, n == last, unit)?;
                continue;
            }
            let pieces: Vec<&[u8]> = unit[1..].chunks(PACKET).collect();
            for (i, piece) in pieces.iter().enumerate() {
                let (first, end) = (i == 0, i + 1 == pieces.len());
                let mark = unit[0] & 0x1F | if first { 0x80 } else { 0 } | if end { 0x40 } else { 0 };
                let payload = [&[unit[0] & 0xE0 | 28, mark], *piece].concat();
                self.packet(stream, end && n == last, &payload)?;
            }
        }
        Ok(())
    }

    /// Sends one packet; `last` of its frame.
    pub(crate) fn packet(
        &mut self,
        stream: &mut TcpStream,
        last: bool,
        payload: &[u8],
    ) -> std::io::Result<()> {
        self.sequence = self.sequence.wrapping_add(1);
        let mut packet = vec![b'$', 0];
        packet.extend((payload.len() as u16 + 12).to_be_bytes());
        packet.extend([0x80, 96 | if last { 0x80 } else { 0 }]);
        packet.extend(self.sequence.to_be_bytes());
        packet.extend(self.time.to_be_bytes());
        packet.extend([0, 0, 0, 7]);
        packet.extend(payload);
        stream.write_all(&packet)
    }
}
