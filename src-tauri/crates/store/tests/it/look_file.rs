//! The file of looks: what was put in comes out, whatever happened to the end of the file.

use domain::{FrameId, HeatLook, Place, PrintId, View};
use std::fs::OpenOptions;
use store::look_file::{Go, LOOKS_FILE, LookFile, read_looks, read_scores};

/// A map that changes a little from look to look, as a print does.
fn look(n: u32, side: u16) -> HeatLook {
    let cells = 0..u32::from(side) * u32::from(side);
    let cells = cells.map(|cell| (cell * 7 % 23 + u32::from((cell + n).is_multiple_of(9)) * (n % 50)) as u8);
    HeatLook {
        print: PrintId(3),
        at_ms: n * 1000,
        frame: FrameId(i64::from(n) + 5_000_000_000),
        p: n as f32 / 100.0,
        counted: n as f32 / 200.0,
        before: n < 10,
        view: View::Whole,
        columns: side,
        cells: cells.collect(),
    }
}

fn read_all(folder: &std::path::Path) -> Vec<HeatLook> {
    let mut looks = Vec::new();
    read_looks(folder, |score, columns, cells| {
        looks.push(HeatLook {
            print: PrintId(3),
            at_ms: score.at_ms,
            frame: score.frame,
            p: score.p,
            counted: score.counted,
            before: score.before,
            view: score.view,
            columns,
            cells: cells.to_vec(),
        });
        Go::On
    })
    .unwrap();
    looks
}

#[test]
fn looks_come_back_as_they_went_in_also_when_the_model_changes_in_between() {
    let dir = tempfile::tempdir().unwrap();
    let mut looks: Vec<HeatLook> = (0..130).map(|n| look(n, 28)).collect();
    looks.extend((130..150).map(|n| look(n, 16)));
    {
        let mut file = LookFile::open(dir.path()).unwrap();
        looks[..70].iter().for_each(|look| file.append(look.clone()).unwrap());
    }
    let mut file = LookFile::open(dir.path()).unwrap();
    looks[70..].iter().for_each(|look| file.append(look.clone()).unwrap());
    file.flush().unwrap();

    assert_eq!(read_all(dir.path()), looks);
    let scores = read_scores(dir.path()).unwrap();
    assert_eq!(scores.len(), looks.len());
    assert!(scores.iter().zip(&looks).all(|(a, b)| a.frame == b.frame && a.counted == b.counted));
}

/// A file of looks as it was written before looks had parts: `look(0, 2)` and `look(1, 2)`.
#[rustfmt::skip]
const EARLIER: &[u8] = &[
    80, 86, 76, 79, 79, 75, 83, 49, 48, 0, 0, 0, 8, 0, 0, 0, 29, 155, 34, 118, 15, 151, 63, 162,
    2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 242, 5, 42, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 1, 232, 3, 0, 0, 1, 242, 5, 42, 1, 0, 0, 0, 10, 215, 35, 60, 10, 215, 163, 59, 1,
    99, 96, 231, 19, 101, 0, 2, 0,
];

/// The whole picture and closer views in turn.
fn in_turn(n: u32) -> HeatLook {
    let (x, y) = ((n % 28) as f32 / 56.0, (n % 5) as f32 / 10.0);
    let view = if n.is_multiple_of(2) { View::Whole } else { View::Closer(Place { x, y, w: 0.5, h: 0.5 }) };
    HeatLook { view, ..look(n, 28) }
}

#[test]
fn what_part_a_look_was_at_is_kept_and_a_file_of_an_earlier_version_is_read_and_gone_on_with() {
    let dir = tempfile::tempdir().unwrap();
    let mut looks: Vec<HeatLook> = (0..2).map(|n| look(n, 2)).collect();
    std::fs::write(dir.path().join(LOOKS_FILE), EARLIER).unwrap();
    assert_eq!(read_all(dir.path()), looks);
    let mut file = LookFile::open(dir.path()).unwrap();
    let later: Vec<HeatLook> = (2..150).map(in_turn).collect();
    later.iter().for_each(|look| file.append(look.clone()).unwrap());
    file.flush().unwrap();
    looks.extend(later);
    assert_eq!(read_all(dir.path()), looks);
    let scores = read_scores(dir.path()).unwrap();
    assert!(scores.iter().map(|score| score.view).eq(looks.iter().map(|look| look.view)));
}

#[test]
fn a_torn_end_costs_one_block_and_the_file_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut file = LookFile::open(dir.path()).unwrap();
    (0..120).for_each(|n| file.append(look(n, 28)).unwrap());
    let path = dir.path().join(LOOKS_FILE);
    let len = path.metadata().unwrap().len();
    for cut in [1, 7, 900, len / 2 - 100] {
        let torn = tempfile::tempdir().unwrap();
        std::fs::copy(&path, torn.path().join(LOOKS_FILE)).unwrap();
        OpenOptions::new()
            .write(true)
            .open(torn.path().join(LOOKS_FILE))
            .unwrap()
            .set_len(len - cut)
            .unwrap();
        assert_eq!(read_all(torn.path()).len(), 60, "cut by {cut}");

        let mut file = LookFile::open(torn.path()).unwrap();
        file.append(look(500, 28)).unwrap();
        file.flush().unwrap();
        let looks = read_all(torn.path());
        assert_eq!((looks.len(), looks[60].at_ms), (61, 500_000), "cut by {cut}");
    }
}

#[test]
fn a_bit_that_flipped_ends_the_reading_and_what_is_no_such_file_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut file = LookFile::open(dir.path()).unwrap();
    (0..120).for_each(|n| file.append(look(n, 28)).unwrap());
    let path = dir.path().join(LOOKS_FILE);
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.len() - 20;
    bytes[last] ^= 0x40;
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(read_all(dir.path()).len(), 60, "the damaged map is not believed");

    std::fs::write(&path, "G28 ; not ours, and long enough").unwrap();
    assert!(LookFile::open(dir.path()).is_err() && read_scores(dir.path()).is_err());
    assert!(read_scores(tempfile::tempdir().unwrap().path()).unwrap().is_empty(), "no file, no looks");
}

#[test]
fn an_hour_of_looks_stays_small() {
    let dir = tempfile::tempdir().unwrap();
    let mut file = LookFile::open(dir.path()).unwrap();
    // The worst there can be: maps of pure noise.
    let mut noise = 1_u32;
    for n in 0..3600 {
        let mut look = look(n, 28);
        look.cells.iter_mut().for_each(|cell| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *cell = (noise >> 24) as u8;
        });
        file.append(look).unwrap();
    }
    file.flush().unwrap();
    let bytes = dir.path().join(LOOKS_FILE).metadata().unwrap().len();
    assert!(bytes < 3_000_000, "{bytes} bytes");
}
