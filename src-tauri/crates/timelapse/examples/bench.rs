//! Films on one thread, beside ffmpeg's libx264 with the same pictures: how fast, how large, how true, in how much
//! memory.

use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;
use timelapse::draw::Rect;
use timelapse::{Continue, FilmOptions, Marks, Version, render_versions};

/// Pictures of the longer film; the shorter has a quarter of them.
const PICTURES: usize = 800;
const FPS: u32 = 30;
/// The size of each picture, pixels.
const SIZE: (usize, usize) = (1280, 720);

#[allow(clippy::disallowed_methods)] // A measurement is about real time.
fn begin() -> Instant {
    Instant::now()
}

fn main() {
    if let [_, folder, count, which] = &std::env::args().collect::<Vec<_>>()[..] {
        return films_alone(Path::new(folder), count.parse().expect("a number"), which);
    }
    let dir = tempfile::tempdir().expect("a folder");
    for n in 0..PICTURES {
        std::fs::write(dir.path().join(format!("{n:05}.jpg")), scene(n)).expect("written");
    }
    let (short, long) = (measured(dir.path(), PICTURES / 4, PLAIN), measured(dir.path(), PICTURES, PLAIN));
    println!(
        "timelapse: {:.0} pictures a second of 1280 x 720 on one thread, {} kB for {PICTURES}; memory at most {} MB for \
         {} pictures, {} MB for {PICTURES}",
        PICTURES as f64 / long.secs,
        long.num_bytes / 1000,
        short.peak_kb / 1024,
        PICTURES / 4,
        long.peak_kb / 1024
    );
    let few = PICTURES / 4;
    let (apart, together) = (measured(dir.path(), few, APART), measured(dir.path(), few, TOGETHER));
    println!(
        "timelapse: a film and one with boxes of {few} pictures: one after the other {:.2} s, {} MB; side by side {:.2} s, \
         {} MB",
        apart.secs,
        apart.peak_kb / 1024,
        together.secs,
        together.peak_kb / 1024
    );
    beside_ffmpeg(dir.path(), &long);
}

/// The plain film.
const PLAIN: &str = "plain";
/// The plain film, then the one with boxes.
const APART: &str = "apart";
/// Both, each picture decoded once.
const TOGETHER: &str = "together";

struct Measured {
    secs: f64,
    num_bytes: u64,
    peak_kb: u64,
}

/// Makes a film in a process of its own, whose greatest memory the system tells.
fn measured(folder: &Path, count: usize, which: &str) -> Measured {
    let exe = std::env::current_exe().expect("this program");
    let out = Command::new(exe).arg(folder).arg(count.to_string()).arg(which).output().expect("it runs");
    let said = String::from_utf8_lossy(&out.stdout);
    let numbers: Vec<f64> = said.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [secs, num_bytes, peak_kb] = numbers[..] else {
        panic!("no film: {said} {}", String::from_utf8_lossy(&out.stderr))
    };
    Measured { secs, num_bytes: num_bytes as u64, peak_kb: peak_kb as u64 }
}

/// Makes films and prints seconds, bytes of the plain one and the process's greatest memory, kB.
fn films_alone(folder: &Path, count: usize, which: &str) {
    let frames: Vec<PathBuf> = (0..count).map(|n| folder.join(format!("{n:05}.jpg"))).collect();
    let options = FilmOptions { fps: f64::from(FPS), ..FilmOptions::default() };
    let rect = Rect { left: 420.0, top: 200.0, width: 300.0, height: 200.0 };
    let marks = vec![Marks { boxes: vec![rect], gauge: Some(0.4) }; count];
    let plain = Version { video_name: "film.mp4", marks: &[] };
    let marked = Version { video_name: "tagged.mp4", marks: &marks };
    let make = |versions: &[Version<'_>]| {
        render_versions(&frames, versions, folder, &options, &mut |_| Continue::Yes).expect("films");
    };
    let start = begin();
    match which {
        TOGETHER => make(&[plain, marked]),
        APART => [plain, marked].iter().for_each(|version| make(&[*version])),
        _ => make(&[plain]),
    }
    let secs = start.elapsed().as_secs_f64();
    let num_bytes = std::fs::metadata(folder.join("film.mp4")).expect("it is there").len();
    // Linux only; elsewhere 0.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak_kb = peak.and_then(|kb| kb.split_whitespace().next()).unwrap_or("0");
    println!("{secs} {num_bytes} {peak_kb}");
}

fn beside_ffmpeg(folder: &Path, ours: &Measured) {
    let theirs = folder.join("x264.mp4");
    // At the size of ours, so that what differs is speed and truth.
    let bits = ours.num_bytes as f64 * 8.0 * f64::from(FPS) / PICTURES as f64;
    let start = begin();
    let made = ffmpeg()
        .args(["-threads", "1", "-framerate", &FPS.to_string(), "-i"])
        .arg(folder.join("%05d.jpg"))
        .args(["-c:v", "libx264", "-preset", "veryfast", "-threads", "1", "-pix_fmt", "yuv420p"])
        .args(["-b:v", &format!("{bits:.0}"), "-g", &FPS.to_string(), "-movflags", "+faststart"])
        .arg(&theirs)
        .status();
    let secs = start.elapsed().as_secs_f64();
    if !made.is_ok_and(|status| status.success()) {
        return println!("timelapse: skipped: no ffmpeg with libx264 to measure beside");
    }
    let their_bytes = std::fs::metadata(&theirs).map_or(0, |file| file.len());
    let number = |n: Option<f64>| n.map_or("unknown".to_owned(), |n| format!("{n:.4}"));
    println!(
        "timelapse: ffmpeg with libx264 veryfast {:.0} pictures a second (ours {:.2} times as many), {} kB; SSIM {} \
         (ours {})",
        PICTURES as f64 / secs,
        secs / ours.secs,
        their_bytes / 1000,
        number(likeness(folder, &theirs)),
        number(likeness(folder, &folder.join("film.mp4")))
    );
}

fn ffmpeg() -> Command {
    let mut command = Command::new("ffmpeg");
    command.args(["-y", "-v", "error"]).stdin(Stdio::null());
    command
}

/// Returns how like the pictures a film is, 0 to 1, by ffmpeg's SSIM.
fn likeness(folder: &Path, film: &Path) -> Option<f64> {
    let out = Command::new("ffmpeg")
        .args(["-v", "info", "-i"])
        .arg(film)
        .args(["-framerate", &FPS.to_string(), "-i"])
        .arg(folder.join("%05d.jpg"))
        .args(["-lavfi", "[0:v][1:v]ssim", "-f", "null", "-"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    let mut said = String::new();
    BufReader::new(out.stderr?).read_to_string(&mut said).ok()?;
    said.rsplit_once("All:")?.1.split_whitespace().next()?.parse().ok()
}

/// Draws a part that grows below a head that goes to and fro, with the noise of a camera, as a JPEG.
fn scene(n: usize) -> Vec<u8> {
    let (width, height) = SIZE;
    let mut noise = n as u32 + 1;
    let grown = 500 - n * 400 / PICTURES;
    let head = 300 + (n * 37) % 700;
    let mut pixels = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let grain = (noise >> 29) as u8;
            let [r, g, b] = if x.abs_diff(head) < 40 && (grown - 90..grown).contains(&y) {
                [60, 60, 70]
            } else if (420..860).contains(&x) && (grown..520).contains(&y) {
                // Layers.
                if y % 6 < 2 { [190, 110, 30] } else { [220, 140, 40] }
            } else {
                let texture = ((x * 7) ^ (y * 13)) % 23;
                [(x / 12) as u8 + texture as u8, (y / 8) as u8 + 30, 70 + texture as u8]
            };
            pixels.extend([r + grain, g + grain, b + grain]);
        }
    }
    let mut jpeg = Vec::new();
    jpeg_encoder::Encoder::new(&mut jpeg, 85)
        .encode(&pixels, width as u16, height as u16, jpeg_encoder::ColorType::Rgb)
        .expect("it is a picture");
    jpeg
}
