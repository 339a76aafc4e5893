use super::*;
use crate::Commands;

const FILE: &str = "; by hand\nG28\nG92 E0\nG1 Z0.3 F600\nG1 X10 E1 ; purge\n;LAYER_CHANGE\n;HEIGHT:0.25\n;TYPE:Perimeter\n\
    ;WIDTH:0.5\nG1 Z0.25\nG1 X20 Y5 E2\nM117 (hi)\nG2 X30 Y5 I5 E3\n;LAYER_CHANGE\nG1 Z0.5\nG92 E0 X0\nG1 X10 E1\nG1 Z10\n";

fn drawn(file: &str, index: &LayerIndex, at: usize) -> LayerGeometry {
    let range = index.range(at).unwrap();
    layer(&file.as_bytes()[range.start as usize..range.end as usize], &index.layers[at]).unwrap()
}

#[test]
fn each_layer_is_drawn_from_where_it_begins() {
    let index = index(FILE.as_bytes()).unwrap();
    let seen: Vec<_> = index.layers.iter().map(|l| (l.number, l.line, l.commands_before)).collect();
    assert_eq!(seen, [(None, 1, 0), (Some(0), 6, 4), (Some(1), 14, 8)]);
    let sizes: Vec<_> = index.layers.iter().map(|l| (l.z_mm, l.height_mm)).collect();
    assert_eq!(sizes, [(0.3, 0.3), (0.25, 0.25), (0.5, 0.25)]);
    let first = drawn(FILE, &index, 1);
    let line = &first.segments[1];
    assert_eq!((line.from, line.to, line.width_mm), ([10.0, 0.0, 0.25], [20.0, 5.0, 0.25], 0.5));
    assert_eq!((line.command, line.feature), (6, Some(Feature::InnerWall)));
    assert!(first.segments.len() > 10, "an arc is many");
    assert!(first.segments[2..].iter().all(|s| s.command == 8 && s.to[1] > 4.9), "over the top");
    let second = drawn(FILE, &index, 2);
    let line = &second.segments[1];
    assert_eq!((line.from, line.to), ([30.0, 5.0, 0.5], [40.0, 5.0, 0.5]), "G92 moves nothing");
    assert_eq!(line.feature, Some(Feature::InnerWall), "what was said of a layer before still holds");
    assert_eq!((line.command, second.segments[2].command), (11, 12));
    assert_eq!(second.segments[2].feature, None);
    for (at, layer) in index.layers.iter().enumerate() {
        assert_eq!(drawn(FILE, &index, at).segments.len(), layer.segments as usize);
    }
    assert_eq!(index.bounds.unwrap()[0], (10.0, 40.0));
    assert_eq!((index.bytes, index.lines, index.commands), (FILE.len() as u64, 18, 12));
}

#[test]
fn numbers_are_those_of_the_stream() {
    let file = format!("{FILE}(words)\nN1\n\x0c\n\x0c;x\n\r\r\nN3 G1 X1\nM112\n");
    let index = index(file.as_bytes()).unwrap();
    let commands: Vec<_> = Commands::new(file.as_bytes()).map(Result::unwrap).collect();
    assert_eq!(index.commands, commands.len() as u64);
    for start in &index.layers {
        // Segments follow from a command of the same number, layer and line.
        let next = &commands[start.commands_before as usize];
        assert!(next.line >= start.line);
        assert_eq!(next.layer_idx.filter(|_| start.number.is_some()), start.number);
    }
}

#[test]
fn without_marks_height_decides() {
    let file = "G1 Z0.2\nG1 X1 E1\nG1 Z5\nG1 X3\nG1 Z0.2\nG1 X5 E2\nG1 Z0.4\nG1 X6 E3\n";
    let index = index(file.as_bytes()).unwrap();
    let seen: Vec<_> = index.layers.iter().map(|l| (l.number, l.line)).collect();
    assert_eq!(seen, [(None, 1), (Some(0), 2), (Some(1), 8)]);
    assert!((index.layers[2].height_mm - 0.2).abs() < 1e-6);
    let width = drawn(file, &index, 2).segments[0].width_mm;
    assert_eq!(width, 3.0, "a blob is clamped");
}

#[test]
fn an_index_is_stored_and_read_again() {
    let index = index(FILE.as_bytes()).unwrap();
    let bytes = index.to_bytes();
    assert_eq!(LayerIndex::from_bytes(&bytes), Some(index));
    for length in 0..bytes.len() {
        assert!(LayerIndex::from_bytes(&bytes[..length]).is_none(), "cut off at {length}");
    }
    for at in 0..bytes.len() {
        let mut bad = bytes.clone();
        bad[at] ^= 0x80;
        // It may be believed, but never panics.
        let _ = LayerIndex::from_bytes(&bad);
    }
}

#[test]
fn the_pages_bytes_are_as_documented() {
    let index = index(FILE.as_bytes()).unwrap();
    let drawn = drawn(FILE, &index, 2);
    let bytes = drawn.to_bytes();
    let n = drawn.segments.len();
    assert_eq!((n, bytes.len()), (3, 16 + 33 * 3));
    let f32_at = |at: usize| f32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let u32_at = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    assert_eq!((&bytes[..4], u32_at(4), u32_at(8), u32_at(12)), (&b"PVLG"[..], 1, 3, 1));
    assert_eq!([16, 20, 24, 28].map(|at| f32_at(at + 24)), [30.0, 5.0, 0.5, 40.0]);
    assert_eq!(f32_at(16 + 24 * n + 4), 0.5, "width");
    assert_eq!(u32_at(16 + 28 * n + 8), 12, "command");
    assert_eq!(bytes[16 + 32 * n..], [0, Feature::InnerWall as u8, 0]);
}

#[test]
fn hostile_files_are_bounded() {
    let many: String = (0..MAX_LAYERS + 50).map(|i| format!(";LAYER:{i}\n")).collect();
    let made = index(many.as_bytes()).unwrap();
    assert_eq!((made.layers.len(), made.complete), (MAX_LAYERS, false));
    let arcs = "G2 I100000\n".repeat(MAX_SEGMENTS / 180 + 10);
    let made = index(arcs.as_bytes()).unwrap();
    let geometry = drawn(&arcs, &made, 0);
    assert_eq!((geometry.segments.len(), geometry.complete), (MAX_SEGMENTS, false));
    assert!(index(&b"G28\nG1\0\n"[..]).is_err());
}
