use super::*;
use crate::pack;
use std::io::Cursor;

const FILE: &str =
    "; by hand\nG28\nM104 S200\n;LAYER_CHANGE\nG1 X10.5 Y-3 E.25 F1800\nG1 X20 E1\nM117 hi\nG92 E0\n";

fn open(bytes: Vec<u8>) -> Result<Program, ContainerError> {
    open_program(Cursor::new(bytes))
}

/// Opens and reads to the end.
fn read(bytes: Vec<u8>) -> Result<String, ContainerError> {
    let mut text = String::new();
    open(bytes)?.reader.read_to_string(&mut text)?;
    Ok(text)
}

/// What people are told.
fn complaint(bytes: Vec<u8>) -> String {
    read(bytes).expect_err("it is refused").to_string()
}

#[test]
fn text_passes_through_untouched() {
    let program = open(FILE.into()).unwrap();
    assert_eq!(program.kind, ProgramKind::Plain);
    assert_eq!(read(FILE.into()).unwrap(), FILE);
    assert_eq!(read(Vec::new()).unwrap(), "", "an empty file is the reader's to refuse");
    let latin = b"; Gr\xf6\xdfe\nG28\n".to_vec();
    assert_eq!(open(latin).unwrap().kind, ProgramKind::Plain, "comments in any encoding");
}

#[test]
fn what_is_no_gcode_is_named() {
    let table: [(&[u8], &str); 5] = [
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"xgcode 1.0\n\0", "FlashForge"),
        (b"G28\0\x01\x02", "binary data"),
        (b"\xff\xfeG\0", "UTF-16"),
    ];
    for (bytes, what) in table {
        let text = complaint(bytes.to_vec());
        assert!(text.contains(what) && text.contains("export"), "{text}");
    }
}

#[test]
fn every_compression_and_encoding_gives_back_the_text() {
    for compression in 0..4 {
        for encoding in 0..3 {
            let want = if encoding == 1 { without_comments() } else { FILE.to_owned() };
            for lines in [1, 3, 100] {
                let file = pack::bgcode(FILE, compression, encoding, lines);
                assert_eq!(read(file).unwrap(), want, "compression {compression}, encoding {encoding}");
            }
        }
    }
}

#[test]
fn metadata_and_thumbnails_come_along() {
    let program = open(pack::bgcode(FILE, 1, 2, 3)).unwrap();
    assert_eq!(program.kind, ProgramKind::Bgcode);
    let pairs: Vec<_> = program.metadata.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(pairs, [("Producer", "by hand"), ("printer_model", "MK4"), ("filament_type", "PLA")]);
    let thumbnail = &program.thumbnails[0];
    assert_eq!((thumbnail.format, thumbnail.width, thumbnail.height), (ThumbnailFormat::Qoi, 3, 2));
    assert_eq!(thumbnail.bytes, b"qoif not really");
}

#[test]
fn a_flipped_bit_anywhere_is_noticed() {
    let file = pack::bgcode(FILE, 1, 2, 3);
    for at in 10..file.len() {
        let mut bad = file.clone();
        bad[at] ^= 4;
        assert!(read(bad).is_err(), "byte {at}");
    }
    let mut bad = file.clone();
    let last = bad.len() - 8;
    bad[last] ^= 1;
    let text = complaint(bad);
    assert!(text.starts_with("block 6 (G-code) is damaged"), "{text}");
}

#[test]
fn a_file_cut_off_within_a_block_is_noticed() {
    let file = pack::bgcode(FILE, 2, 2, 100);
    for length in 0..file.len() {
        // Where a file ends after whole blocks there is still no G-code.
        if length > 0 {
            assert!(read(file[..length].to_vec()).is_err() || length < 4, "{length} of {}", file.len());
        }
    }
    assert!(complaint(file[..file.len() - 3].to_vec()).contains("block 4 (G-code)"));
    assert!(complaint(file[..13].to_vec()).contains("block 1"));
}

#[test]
fn after_damage_there_is_no_end_of_file() {
    let mut file = pack::bgcode(FILE, 0, 0, 4);
    let last = file.len() - 1;
    file[last] ^= 1;
    let mut reader = BgcodeReader::new(Cursor::new(file)).unwrap();
    let mut text = Vec::new();
    assert!(reader.read_to_end(&mut text).is_err());
    assert!(reader.read_to_end(&mut text).is_err(), "half a program is not a whole one");
}

#[test]
fn what_we_cannot_read_is_named() {
    let mut version = pack::bgcode(FILE, 0, 0, 9);
    version[4] = 2;
    assert!(complaint(version).contains("version 2"));
    let with = |block: Vec<u8>| [pack::header(1), block].concat();
    let mut unchecked = pack::header(0);
    unchecked.extend([9, 0, 0, 0, 1, 0, 0, 0, 0, 0, b'x']);
    assert!(complaint(unchecked).contains("kind 9"));
    assert!(complaint(with(pack::block(9, 0, &[0, 1, 2], b"x"))).contains("kind 9"), "of a shape of its own");
    assert!(complaint(with(pack::block(pack::GCODE, 0, &[7], b"x"))).contains("encoding 7"));
    assert!(complaint(pack::header(3)).contains("checksums of kind 3"));
    assert!(complaint(pack::header(1)).contains("no G-code"));
}

#[test]
fn hostile_sizes_are_refused() {
    // A block that claims 4 GiB, and one that unpacks to more than it says.
    let mut huge = pack::header(0);
    huge.extend([1, 0, 0, 0, 255, 255, 255, 255, 0, 0]);
    assert!(complaint(huge).contains("more than 16 MiB"));
    let mut longer = pack::header(0);
    let packed = pack::zlib(&vec![b'\n'; 1 << 20]);
    longer.extend([1, 0, 1, 0]);
    longer.extend(100u32.to_le_bytes());
    longer.extend((packed.len() as u32).to_le_bytes());
    longer.extend([0, 0]);
    longer.extend(packed);
    assert!(complaint(longer).contains("not as long as it says"));
    // Many blocks that each stay within bounds.
    let block = pack::block(pack::GCODE, 1, &[0], &vec![b'\n'; 1 << 20]);
    let bomb = [pack::header(1), block.repeat(5)].concat();
    let mut reader = BgcodeReader::with_limit(Cursor::new(bomb), 3 << 20).unwrap();
    let e = io::copy(&mut reader, &mut io::sink()).unwrap_err().to_string();
    assert!(e.contains("more than 3 MiB"), "{e}");
}

#[test]
fn plate_one_or_the_first_of_an_archive_is_read() {
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x40\0\0\0\x20";
    let info = br#"<config><plate><metadata key="index" value="2"/></plate></config>"#;
    let two: &[(&str, &[u8], bool)] = &[
        ("Metadata/plate_3.gcode", b"G29\n", true),
        ("Metadata/plate_2.gcode", FILE.as_bytes(), true),
        ("Metadata/plate_2.png", png, false),
        ("Metadata/slice_info.config", info, true),
    ];
    let program = open(pack::zip(two)).unwrap();
    assert_eq!((program.kind, &program.plates[..]), (ProgramKind::ThreeMf, &[2, 3][..]));
    assert_eq!(program.metadata, [("index".to_owned(), "2".to_owned())]);
    assert_eq!((program.thumbnails[0].width, program.thumbnails[0].height), (64, 32));
    assert_eq!(read(pack::zip(two)).unwrap(), FILE);
    assert_eq!(read(pack::zip(&[("Metadata/plate_1.gcode", b"G28\n", false)])).unwrap(), "G28\n");
}

#[test]
fn archives_that_lie_or_hide_are_refused() {
    let good = pack::zip(&[("Metadata/plate_1.gcode", FILE.as_bytes(), true)]);
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 4;
        // Dates and such do not matter; what is read must be what was written.
        assert_eq!(read(bad).unwrap_or_else(|_| FILE.into()), FILE, "byte {at}");
    }
    for length in 4..good.len() {
        assert!(read(good[..length].to_vec()).is_err(), "cut off at {length}");
    }
    assert!(complaint(pack::zip(&[("3D/3dmodel.model", b"<model/>", true)])).contains("slice it"));
    let directory = good.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    let mut locked = good.clone();
    locked[directory + 8] |= 1;
    assert!(complaint(locked).contains("password"));
    let mut size = good;
    size[directory + 24] -= 1;
    assert!(complaint(size).contains("longer than it says"));
    let bomb = pack::zip(&[("Metadata/plate_1.gcode", &vec![b'\n'; 1 << 20], true)]);
    let directory = bomb.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    let mut claims = bomb;
    claims[directory + 24..directory + 28].copy_from_slice(&0xf000_0000u32.to_le_bytes());
    assert!(complaint(claims).contains("MiB"));
}

#[test]
fn little_that_unpacks_to_much_is_refused_at_once() {
    let much = vec![b'\n'; 40 << 20];
    for name in ["Metadata/plate_1.gcode", "/3D/model.gcode"] {
        let refused =
            open(pack::zip(&[(name, &much, true)])).expect_err("before anything is unpacked").to_string();
        assert!(refused.contains("100 times") && refused.contains("plain .gcode"), "{refused}");
    }
    let blocks = pack::block(pack::GCODE, 1, &[0], &much[..8 << 20]).repeat(20);
    let bomb = [pack::header(1), blocks].concat();
    let mut reader = BgcodeReader::new(Cursor::new(bomb)).unwrap();
    let mut out = Vec::new();
    let refused = reader.read_to_end(&mut out).unwrap_err().to_string();
    assert!(refused.contains("100 times") && out.len() <= 24 << 20, "{refused}, {} bytes", out.len());
}

#[test]
fn what_cannot_be_read_beside_the_gcode_is_left_out_and_said() {
    let gcode = pack::block(pack::GCODE, 1, &[0], FILE.as_bytes());
    let json = br#"{"hw":{"printer_model":"COREONE"},"layer_height":0.2,"filament_type":["PLA","PETG"],"a":null,"b":true}"#;
    let file = [
        pack::header(1),
        pack::block(pack::THUMBNAIL, 0, &[3, 16, 16], b"webp"),
        pack::block(2, 1, &[1], json),
        pack::block(2, 1, &[1], b"{broken"),
        pack::block(2, 1, &[7], b"x=y"),
        pack::block(9, 0, &[0], b"of tomorrow"),
        gcode,
    ]
    .concat();
    let mut program = open(file).unwrap();
    let mut text = String::new();
    program.reader.read_to_string(&mut text).unwrap();
    assert_eq!(text, FILE);
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let mut pairs = program.metadata;
    pairs.sort();
    assert_eq!(
        pairs,
        [
            pair("b", "1"),
            pair("filament_type", "PLA,PETG"),
            pair("layer_height", "0.2"),
            pair("printer_model", "COREONE")
        ]
    );
    let said = program.left_out.join("; ");
    for words in ["picture format 3", "JSON is broken", "encoding 7", "block 5 (unknown)"] {
        assert!(said.contains(words), "{said}");
    }
    assert!(program.thumbnails.is_empty());
}

#[test]
fn a_format_package_is_read() {
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x40\0\0\0\x20";
    let file = pack::zip(&[
        ("/3D/model.gcode", FILE.as_bytes(), true),
        ("/Metadata/thumbnail.png", png, false),
        ("/[Content_Types].xml", b"<x/>", true),
    ]);
    let program = open(file.clone()).unwrap();
    assert_eq!((program.kind, program.thumbnails[0].width), (ProgramKind::Ufp, 64));
    assert_eq!(read(file).unwrap(), FILE);
}

fn without_comments() -> String {
    FILE.split_inclusive('\n').filter(|line| !line.starts_with(';')).collect()
}
