//! The MP4 file being written: coded pictures go to disk as they come, and only how long each is stays in memory.
//!
//! In the end all of them are moved back by the length of the table of contents, which then comes first, so that a
//! film plays before it is all there.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Units a second; a thirtieth, a twenty-fifth and a thousandth are whole numbers of them.
const TIMESCALE: u32 = 90_000;

/// Pictures that lie together, with one place in the table of contents.
const CHUNK: usize = 30;

/// Bytes moved at once.
const MOVED: usize = 1 << 20;

/// An open film.
pub(crate) struct Mp4Writer {
    file: BufWriter<File>,
    num_bytes: u64,
    /// Bytes of each picture.
    sizes: Vec<u32>,
    /// When each is shown, in units.
    shown_at: Vec<u32>,
    /// Pictures that stand alone, from 1.
    keys: Vec<u32>,
    /// The parameter sets of sequence and picture.
    sets: [Vec<u8>; 2],
}

impl Mp4Writer {
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let file = File::options().read(true).write(true).create(true).truncate(true).open(path)?;
        Ok(Self {
            file: BufWriter::new(file),
            num_bytes: 0,
            sizes: Vec::new(),
            shown_at: Vec::new(),
            keys: Vec::new(),
            sets: [Vec::new(), Vec::new()],
        })
    }

    /// Adds a picture, shown `at` seconds from the begin; its parts come with their start codes.
    pub(crate) fn push<'a>(
        &mut self,
        parts: impl Iterator<Item = &'a [u8]>,
        at: f64,
        frame: Frame,
    ) -> io::Result<()> {
        let mut size = 0;
        for part in parts {
            let nal = bare(part);
            let Some(kind) = nal.first().map(|kind| kind & 0x1F) else { continue };
            let set = match kind {
                7 => self.sets.first_mut(),
                8 => self.sets.last_mut(),
                _ => None,
            };
            if let Some(set) = set
                && (set.is_empty() || set == nal)
            {
                // They stand in the table of contents, once.
                set.clear();
                set.extend_from_slice(nal);
                continue;
            }
            let length = u32::try_from(nal.len()).map_err(io::Error::other)?;
            self.file.write_all(&length.to_be_bytes())?;
            self.file.write_all(nal)?;
            size += 4 + length;
        }
        if size == 0 {
            return Err(io::Error::from(io::ErrorKind::InvalidInput));
        }
        self.sizes.push(size);
        self.num_bytes += u64::from(size);
        self.shown_at.push(units(at));
        if frame == Frame::Key {
            self.keys.push(self.sizes.len() as u32);
        }
        Ok(())
    }

    /// Closes the film; its last picture stays for `last_secs`.
    pub(crate) fn finish(self, (width, height): (u32, u32), last_secs: f64) -> io::Result<()> {
        let Self { file, num_bytes, sizes, shown_at, keys, sets } = self;
        let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        let end = shown_at.last().copied().unwrap_or(0).saturating_add(units(last_secs).max(1));
        let table = Table { width, height, sizes, shown_at, keys, sets, end };
        // How long it is does not depend on the places it names, as long as these fit into four bytes.
        let room = table.head(num_bytes, 0, Places::Short).len() as u64;
        let places = if u32::try_from(num_bytes + room).is_ok() { Places::Short } else { Places::Long };
        let room = table.head(num_bytes, 0, places).len() as u64;
        make_room(&mut file, num_bytes, room)?;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&table.head(num_bytes, room, places))?;
        // A rename may outrun the bytes when the power fails.
        file.sync_all()
    }
}

/// Whether a picture stands alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Frame {
    /// A place to jump to.
    Key,
    /// It needs those before it.
    Delta,
}

/// How places in the file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Places {
    Short,
    Long,
}

fn units(seconds: f64) -> u32 {
    (seconds * f64::from(TIMESCALE)).round() as u32
}

/// Takes off the start code.
fn bare(part: &[u8]) -> &[u8] {
    let zeros = part.iter().take_while(|byte| **byte == 0).count();
    match part.get(zeros) {
        Some(1) if zeros >= 2 => &part[zeros + 1..],
        Some(_) | None => part,
    }
}

/// Moves the first `num_bytes` of a file back by `room`, from their end on.
fn make_room(file: &mut File, num_bytes: u64, room: u64) -> io::Result<()> {
    let mut buffer = vec![0; MOVED];
    let mut end = num_bytes;
    while end > 0 {
        let count = end.min(MOVED as u64);
        end -= count;
        let bytes = &mut buffer[..count as usize];
        file.seek(SeekFrom::Start(end))?;
        file.read_exact(bytes)?;
        file.seek(SeekFrom::Start(end + room))?;
        file.write_all(bytes)?;
    }
    Ok(())
}

/// All that stands before the pictures.
struct Table {
    width: u32,
    height: u32,
    sizes: Vec<u32>,
    shown_at: Vec<u32>,
    keys: Vec<u32>,
    sets: [Vec<u8>; 2],
    /// The length of the film, in units.
    end: u32,
}

impl Table {
    /// Returns the file up to its first picture, which lies at `first`.
    fn head(&self, num_bytes: u64, first: u64, places: Places) -> Vec<u8> {
        let mut out = Vec::new();
        put(&mut out, b"ftyp", |out| out.extend_from_slice(b"isom\0\0\x02\0isomiso2avc1mp41"));
        put(&mut out, b"moov", |out| {
            let millis = (u64::from(self.end) * 1000 / u64::from(TIMESCALE)) as u32;
            put(out, b"mvhd", |out| {
                words(out, &[0, 0, 0, 1000, millis, 0x1_0000, 0x0100_0000, 0, 0]);
                words(out, &MATRIX);
                words(out, &[0, 0, 0, 0, 0, 0, 2]);
            });
            put(out, b"trak", |out| {
                put(out, b"tkhd", |out| {
                    words(out, &[7, 0, 0, 1, 0, millis, 0, 0, 0, 0]);
                    words(out, &MATRIX);
                    words(out, &[self.width << 16, self.height << 16]);
                });
                put(out, b"mdia", |out| self.media(out, first, places));
            });
        });
        match u32::try_from(num_bytes + 8) {
            Ok(length) => {
                words(&mut out, &[length]);
                out.extend_from_slice(b"mdat");
            }
            Err(_) => {
                words(&mut out, &[1]);
                out.extend_from_slice(b"mdat");
                out.extend_from_slice(&(num_bytes + 16).to_be_bytes());
            }
        }
        out
    }

    fn media(&self, out: &mut Vec<u8>, first: u64, places: Places) {
        // 0x55C4 is "und": no language.
        put(out, b"mdhd", |out| words(out, &[0, 0, 0, TIMESCALE, self.end, 0x55C4_0000]));
        put(out, b"hdlr", |out| {
            words(out, &[0, 0]);
            out.extend_from_slice(b"vide\0\0\0\0\0\0\0\0\0\0\0\0Film\0");
        });
        put(out, b"minf", |out| {
            put(out, b"vmhd", |out| words(out, &[1, 0, 0]));
            put(out, b"dinf", |out| {
                put(out, b"dref", |out| {
                    words(out, &[0, 1]);
                    put(out, b"url ", |out| words(out, &[1]));
                });
            });
            put(out, b"stbl", |out| self.samples(out, first, places));
        });
    }

    fn samples(&self, out: &mut Vec<u8>, first: u64, places: Places) {
        put(out, b"stsd", |out| {
            words(out, &[0, 1]);
            put(out, b"avc1", |out| self.coding(out));
        });
        put(out, b"stts", |out| {
            let runs = self.durations();
            words(out, &[0, runs.len() as u32]);
            runs.iter().for_each(|run| words(out, run));
        });
        put(out, b"stss", |out| {
            words(out, &[0, self.keys.len() as u32]);
            words(out, &self.keys);
        });
        put(out, b"stsc", |out| {
            let (whole, rest) = (self.sizes.len() / CHUNK, (self.sizes.len() % CHUNK) as u32);
            let mut runs = Vec::new();
            if whole > 0 {
                runs.push([1, CHUNK as u32, 1]);
            }
            if rest > 0 {
                runs.push([whole as u32 + 1, rest, 1]);
            }
            words(out, &[0, runs.len() as u32]);
            runs.iter().for_each(|run| words(out, run));
        });
        put(out, b"stsz", |out| {
            words(out, &[0, 0, self.sizes.len() as u32]);
            words(out, &self.sizes);
        });
        let kind = if places == Places::Short { b"stco" } else { b"co64" };
        put(out, kind, |out| {
            words(out, &[0, self.sizes.len().div_ceil(CHUNK) as u32]);
            let mut at = first;
            for chunk in self.sizes.chunks(CHUNK) {
                match places {
                    Places::Short => words(out, &[at as u32]),
                    Places::Long => out.extend_from_slice(&at.to_be_bytes()),
                }
                at += chunk.iter().map(|size| u64::from(*size)).sum::<u64>();
            }
        });
    }

    /// Writes how the pictures are coded.
    fn coding(&self, out: &mut Vec<u8>) {
        words(out, &[0, 1, 0, 0, 0, 0, self.width << 16 | self.height, 0x48_0000, 0x48_0000, 0]);
        out.extend_from_slice(&[0, 1]);
        out.extend_from_slice(&[0; 32]);
        out.extend_from_slice(&[0, 0x18, 0xFF, 0xFF]);
        put(out, b"avcC", |out| {
            let [sequence, picture] = &self.sets;
            let profile = [1, 2, 3].map(|at| sequence.get(at).copied().unwrap_or(0));
            out.push(1);
            out.extend_from_slice(&profile);
            // Lengths of four bytes; one set of each kind.
            for (count, set) in [(&[0xFF, 0xE1][..], sequence), (&[1][..], picture)] {
                out.extend_from_slice(count);
                out.extend_from_slice(&(set.len() as u16).to_be_bytes());
                out.extend_from_slice(set);
            }
        });
    }

    /// Returns for how many pictures in a row each is shown how long.
    fn durations(&self) -> Vec<[u32; 2]> {
        let ends = self.shown_at.iter().skip(1).chain([&self.end]);
        let mut runs: Vec<[u32; 2]> = Vec::new();
        for lasts in self.shown_at.iter().zip(ends).map(|(begin, end)| end.saturating_sub(*begin)) {
            match runs.last_mut() {
                Some([count, same]) if *same == lasts => *count += 1,
                Some(_) | None => runs.push([1, lasts]),
            }
        }
        runs
    }
}

/// The picture as it is: neither turned nor stretched.
const MATRIX: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];

/// Writes a box with what `fill` puts into it.
fn put(out: &mut Vec<u8>, kind: &[u8; 4], fill: impl FnOnce(&mut Vec<u8>)) {
    let at = out.len();
    words(out, &[0]);
    out.extend_from_slice(kind);
    fill(out);
    let length = (out.len() - at) as u32;
    out[at..at + 4].copy_from_slice(&length.to_be_bytes());
}

fn words(out: &mut Vec<u8>, words: &[u32]) {
    words.iter().for_each(|word| out.extend_from_slice(&word.to_be_bytes()));
}
