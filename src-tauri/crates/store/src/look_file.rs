//! The file of looks: each look of a print with its heat map, so that another setting can be tried on it later.
//!
//! One file a print, only ever appended to, in blocks of `BLOCK` looks. A block is a header of four numbers (bytes of
//! the scores, bytes of the maps, and the CRC-32 of each; 32 bits, little-endian), then the scores as they are, then
//! the maps: each as its difference to the one before of its kind of view, deflated. Scores alone are read without
//! unpacking a map. A block in which any look was at a part of the picture is marked so, and has the part with each
//! score; all other blocks are as those of earlier versions. A block that was torn by a crash or a full disk is cut off
//! at the next opening; what lies before it is whole.

use domain::{FrameId, HeatLook, Place, View};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Name of the file in a print's folder.
pub const LOOKS_FILE: &str = "looks.bin";

/// Looks in a block: a crash loses this many at most.
const BLOCK: usize = 60;
const MAGIC: &[u8; 8] = b"PVLOOKS1";
const HEADER: usize = 16;
/// Bytes of a look without its map.
const SCORE: usize = 4 + 8 + 4 + 4 + 1;
/// Bytes of the part of the picture that a look was at: left, top, width, height.
const PART: usize = 4 * 4;
/// Marks, in the columns of a block, that its scores have the part with them.
const HAS_PARTS: u16 = 0x8000;
/// Columns, cells in a map.
const SHAPE: usize = 2 + 4;
/// Largest map that is kept.
const MAX_CELLS: usize = 64 * 64;

/// A look without its heat map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LookScore {
    /// Since the print began, milliseconds of the printer's clock.
    pub at_ms: u32,
    /// Which frame.
    pub frame: FrameId,
    /// The model's p.
    pub p: f32,
    /// What of it counted for our rule.
    pub counted: f32,
    /// Nothing of the print lay on the bed yet.
    pub before: bool,
    /// What part of the picture it was at.
    pub view: View,
}

/// A file of looks that is written to.
#[derive(Debug)]
pub struct LookFile {
    path: PathBuf,
    waiting: Vec<HeatLook>,
}

impl LookFile {
    /// Opens the file in `folder`, creates it when it is not there, and cuts off what a crash tore.
    ///
    /// # Errors
    /// When the disk does not let us, or the file is of something else.
    pub fn open(folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join(LOOKS_FILE);
        let mut file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path)?;
        if file.metadata()?.len() < MAGIC.len() as u64 {
            file.set_len(0)?;
            file.write_all(MAGIC)?;
        }
        let end = end_of_whole_blocks(&mut file)?;
        file.set_len(end)?;
        Ok(Self { path, waiting: Vec::with_capacity(BLOCK) })
    }

    /// Takes a look; each sixtieth writes a block.
    ///
    /// # Errors
    /// When the disk does not take the block. Its looks are lost then, the file stays whole.
    pub fn append(&mut self, look: HeatLook) -> io::Result<()> {
        let other_shape = self
            .waiting
            .first()
            .is_some_and(|first| first.columns != look.columns || first.cells.len() != look.cells.len());
        if other_shape {
            self.flush()?;
        }
        self.waiting.push(look);
        if self.waiting.len() == BLOCK { self.flush() } else { Ok(()) }
    }

    /// Writes what waits.
    ///
    /// # Errors
    /// As [`Self::append`].
    pub fn flush(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let looks = std::mem::take(&mut self.waiting);
        let block = pack(&looks)?;
        // Opened anew each minute: a print that was deleted meanwhile is not brought back.
        let mut file = OpenOptions::new().write(true).open(&self.path)?;
        let end = file.seek(SeekFrom::End(0))?;
        file.write_all(&block).inspect_err(|_| {
            let _ = file.set_len(end);
        })
    }
}

impl Drop for LookFile {
    fn drop(&mut self) {
        if let Err(error) = self.flush() {
            tracing::warn!(%error, "the last looks of a print were not kept");
        }
    }
}

/// Reads the scores of the print whose folder it is, oldest first; none when there is no file.
///
/// # Errors
/// When the disk does not let us, or the file is of something else. A torn end is no error.
pub fn read_scores(folder: &Path) -> io::Result<Vec<LookScore>> {
    let Some(mut file) = open(folder)? else { return Ok(Vec::new()) };
    let mut scores = Vec::new();
    while let Some((head, block)) = next_scores(&mut file)? {
        scores.extend(block.scores());
        file.seek_relative(i64::from(head.maps))?;
    }
    Ok(scores)
}

/// Hands each look with its map's columns and cells to `each`, oldest first, until it says [`Go::Stop`].
///
/// # Errors
/// As [`read_scores`].
pub fn read_looks(folder: &Path, mut each: impl FnMut(&LookScore, u16, &[u8]) -> Go) -> io::Result<()> {
    let Some(mut file) = open(folder)? else { return Ok(()) };
    while let Some((head, block)) = next_scores(&mut file)? {
        let (columns, cells) = (block.columns, block.cells);
        let mut packed = vec![0; head.maps as usize];
        if cells > MAX_CELLS || !whole(file.read_exact(&mut packed))? || crc(&packed) != head.maps_crc {
            return Ok(());
        }
        let mut maps = DeflateDecoder::new(packed.as_slice());
        let (mut before, mut step) = (Before::new(cells), vec![0_u8; cells]);
        for score in block.scores() {
            if !whole(maps.read_exact(&mut step))? {
                return Ok(());
            }
            let map = before.of(score.view);
            map.iter_mut().zip(&step).for_each(|(cell, step)| *cell = cell.wrapping_add(*step));
            if each(&score, columns, map) == Go::Stop {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Whether to go on reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Go {
    /// On.
    On,
    /// It is enough.
    Stop,
}

struct Head {
    maps: u32,
    maps_crc: u32,
}

/// The scores of a block.
struct Block {
    columns: u16,
    cells: usize,
    /// Bytes of each.
    size: usize,
    bytes: Vec<u8>,
}

impl Block {
    /// Takes the bytes of a block's scores; `None` when they cannot be such.
    fn of(bytes: Vec<u8>) -> Option<Self> {
        let columns = u16::from_le_bytes([bytes[0], bytes[1]]);
        let cells = u32::from_le_bytes([bytes[2], bytes[3], bytes[4], bytes[5]]) as usize;
        let size = if columns & HAS_PARTS == 0 { SCORE } else { SCORE + PART };
        let fits = (bytes.len() - SHAPE).is_multiple_of(size);
        fits.then_some(Self { columns: columns & !HAS_PARTS, cells, size, bytes })
    }

    fn scores(&self) -> impl Iterator<Item = LookScore> {
        self.bytes[SHAPE..].chunks_exact(self.size).map(score)
    }
}

/// The last map of each kind of view: a closer view differs little from the last one, and much from the whole picture.
struct Before {
    whole: Vec<u8>,
    closer: Vec<u8>,
}

impl Before {
    fn new(cells: usize) -> Self {
        Self { whole: vec![0; cells], closer: vec![0; cells] }
    }

    fn of(&mut self, view: View) -> &mut [u8] {
        match view {
            View::Whole => &mut self.whole,
            View::Closer(_) => &mut self.closer,
        }
    }
}

fn open(folder: &Path) -> io::Result<Option<BufReader<File>>> {
    let file = match File::open(folder.join(LOOKS_FILE)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut file = BufReader::new(file);
    check_magic(&mut file)?;
    Ok(Some(file))
}

fn check_magic(file: &mut impl Read) -> io::Result<()> {
    let mut magic = [0; MAGIC.len()];
    if whole(file.read_exact(&mut magic))? && magic == *MAGIC {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::InvalidData, "it is no file of looks"))
}

/// Reads header and scores of the next block; `None` at the end, and where the rest is torn.
fn next_scores(file: &mut impl Read) -> io::Result<Option<(Head, Block)>> {
    let mut bytes = [0; HEADER];
    if !whole(file.read_exact(&mut bytes))? {
        return Ok(None);
    }
    let number = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    let (scores_len, maps, scores_crc, maps_crc) = (number(0) as usize, number(4), number(8), number(12));
    let fits = (SHAPE + SCORE..=SHAPE + BLOCK * (SCORE + PART)).contains(&scores_len)
        && maps as usize <= 2 * BLOCK * MAX_CELLS;
    if !fits {
        return Ok(None);
    }
    let mut scores = vec![0; scores_len];
    if !whole(file.read_exact(&mut scores))? || crc(&scores) != scores_crc {
        return Ok(None);
    }
    Ok(Block::of(scores).map(|block| (Head { maps, maps_crc }, block)))
}

fn end_of_whole_blocks(file: &mut File) -> io::Result<u64> {
    let len = file.metadata()?.len();
    file.seek(SeekFrom::Start(0))?;
    check_magic(file)?;
    let mut end = MAGIC.len() as u64;
    while let Some((head, block)) = next_scores(file)? {
        let next = end + (HEADER + block.bytes.len()) as u64 + u64::from(head.maps);
        if next > len {
            break;
        }
        end = file.seek(SeekFrom::Start(next))?;
    }
    Ok(end)
}

fn pack(looks: &[HeatLook]) -> io::Result<Vec<u8>> {
    let (columns, cells) = looks.first().map_or((0, 0), |look| (look.columns, look.cells.len()));
    let cells = if cells > MAX_CELLS { 0 } else { cells };
    let parts = looks.iter().any(|look| look.view != View::Whole);
    let mut scores = Vec::with_capacity(SHAPE + looks.len() * (SCORE + PART));
    scores.extend((columns & !HAS_PARTS | if parts { HAS_PARTS } else { 0 }).to_le_bytes());
    scores.extend((cells as u32).to_le_bytes());
    let mut maps = DeflateEncoder::new(Vec::new(), Compression::default());
    let mut before = Before::new(cells);
    for look in looks {
        scores.extend(look.at_ms.to_le_bytes());
        scores.extend(look.frame.get().to_le_bytes());
        scores.extend(look.p.to_le_bytes());
        scores.extend(look.counted.to_le_bytes());
        scores.push(u8::from(look.before));
        if parts {
            let Place { x, y, w, h } = look.view.place();
            scores.extend([x, y, w, h].into_iter().flat_map(f32::to_le_bytes));
        }
        let (now, before) = (&look.cells[..cells], before.of(look.view));
        let step: Vec<u8> = now.iter().zip(&*before).map(|(now, before)| now.wrapping_sub(*before)).collect();
        maps.write_all(&step)?;
        before.copy_from_slice(now);
    }
    let maps = maps.finish()?;
    let mut block = Vec::with_capacity(HEADER + scores.len() + maps.len());
    for number in [scores.len() as u32, maps.len() as u32, crc(&scores), crc(&maps)] {
        block.extend(number.to_le_bytes());
    }
    block.extend(scores);
    block.extend(maps);
    Ok(block)
}

fn score(bytes: &[u8]) -> LookScore {
    let four = |at: usize| [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
    let (low, high) = (u32::from_le_bytes(four(4)), u32::from_le_bytes(four(8)));
    LookScore {
        at_ms: u32::from_le_bytes(four(0)),
        frame: FrameId((u64::from(high) << 32 | u64::from(low)).cast_signed()),
        p: f32::from_le_bytes(four(12)),
        counted: f32::from_le_bytes(four(16)),
        before: bytes[20] != 0,
        view: if bytes.len() == SCORE { View::Whole } else { view(&bytes[SCORE..]) },
    }
}

fn view(bytes: &[u8]) -> View {
    let side = |n: usize| f32::from_le_bytes([bytes[n], bytes[n + 1], bytes[n + 2], bytes[n + 3]]);
    let place = Place { x: side(0), y: side(4), w: side(8), h: side(12) };
    if place == View::Whole.place() { View::Whole } else { View::Closer(place) }
}

fn crc(bytes: &[u8]) -> u32 {
    crc32fast::hash(bytes)
}

/// Tells the end of a torn file from a disk that fails.
fn whole(read: io::Result<()>) -> io::Result<bool> {
    match read {
        Ok(()) => Ok(true),
        Err(error) if matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput) => {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}
