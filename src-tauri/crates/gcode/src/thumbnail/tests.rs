use super::*;

fn seen(file: &str) -> Vec<(ThumbnailFormat, u32, u32, usize)> {
    thumbnails(file.as_bytes()).iter().map(|p| (p.format, p.width, p.height, p.bytes.len())).collect()
}

/// The first bytes of a PNG and of a JPEG.
const PNG: &str = "iVBORw0KGgoAAAAN";
const JPG: &str = "/9j/4AAQSkZJRg==";

/// The newer form of a picture for MKS: 3 by 2 pixels of two colours.
fn mks(line: usize) -> String {
    let mut bytes = vec![3, 0, 0, 0];
    for number in [3u32, 2, 0x05DD_C33C, 4, 4, 0, 0] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend([0x00, 0xf8, 0x1f, 0x00]);
    // Group 0, two of the first, three of the second in two bytes, one of the first.
    bytes.extend([0xe0, 2 << 5, 0x01, 3, 1 << 5]);
    bytes[20] = 5;
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let at = |n: usize| u32::from(three.get(n).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        text.extend((0..4).rev().map(|n| match char::from((bits >> (6 * n) & 63) as u8 + 0x30) {
            '\\' => '~',
            c => c,
        }));
    }
    text.truncate((bytes.len() * 8).div_ceil(6));
    let lines: Vec<String> =
        text.as_bytes().chunks(line).map(|c| format!(";simage:{}", String::from_utf8_lossy(c))).collect();
    lines.join("\n;") + "\n;0000\nG28\n"
}

#[test]
fn blocks_of_each_kind_are_found_and_broken_ones_passed_over() {
    let file = format!(
        "; generated\n;\n; thumbnail begin 16x12 8\n; {}\n; {}\n; thumbnail end\n\
         ; thumbnail_JPG begin 32x32 4\n; {JPG}\n; thumbnail_JPG end\n\
         ; jpg begin 200*100 9980 1 197 500\n; {JPG}\n; jpg end\n\
         ; thumbnail begin 300 200 4\n; {PNG}\n; thumbnail end\n\
         ; thumbnail begin 1x1 4\n; not*base64\n; thumbnail end\n\
         ; thumbnail begin 1x1 4\n; PHN2ZyBvbmxvYWQ9IngiPg==\n; thumbnail end\n\
         ;thumbnail: data:image/png;base64,{PNG}\nG28\n",
        &PNG[..8],
        &PNG[8..]
    );
    let (png, jpg) = (ThumbnailFormat::Png, ThumbnailFormat::Jpg);
    assert_eq!(
        seen(&file),
        [(png, 16, 12, 12), (jpg, 32, 32, 10), (jpg, 200, 100, 10), (png, 300, 200, 12), (png, 0, 0, 12)]
    );
}

#[test]
fn one_without_end_is_nothing() {
    assert!(seen(&format!("; thumbnail begin 16x16 8\n; {PNG}\nG28\n")).is_empty());
    assert!(seen(&format!("; thumbnail begin 16x16 8\n; {PNG}\n; and so on\n; thumbnail end\n")).is_empty());
}

#[test]
fn endless_ones_are_cut_off_and_many_are_few() {
    let endless =
        format!("; thumbnail begin 1x1 1\n{}; thumbnail end\n", format!("; {PNG}\n").repeat(400_000));
    assert!(seen(&endless).is_empty());
    let many = format!("; thumbnail begin 16x16 8\n; {PNG}\n; thumbnail end\n").repeat(500);
    assert_eq!(seen(&many).len(), MAX_THUMBNAILS);
}

#[test]
fn pictures_for_mks_screens_are_drawn() {
    for line in [1000, 8, 7] {
        let found = thumbnails(mks(line).as_bytes());
        let [picture] = found.as_slice() else { panic!("{line}: {found:?}") };
        assert_eq!((picture.format, picture.width, picture.height), (ThumbnailFormat::Rgba, 3, 2));
        let (red, blue) = ([255, 0, 0, 255], [0, 0, 255, 255]);
        assert_eq!(picture.bytes, [red, red, blue, blue, blue, red].concat(), "{line} characters to a line");
        assert_eq!(picture.pixels().map(|p| p.rgba), Some(picture.bytes.clone()));
    }
}

#[test]
fn the_older_form_for_mks_is_drawn() {
    let file = ";simage:00f81f00\rM10086 ;1f0000f8\rM10086 ;\r\n;;gimage:00f800f8\rM10086 ;\r\nG28\n";
    let found = thumbnails(file.as_bytes());
    let sizes: Vec<_> = found.iter().map(|p| (p.width, p.height)).collect();
    assert_eq!(sizes, [(2, 1), (2, 2)]);
    assert_eq!(found[1].bytes[..8], [255, 0, 0, 255, 0, 0, 255, 255]);
}

#[test]
fn pictures_of_other_makers_are_found() {
    let qidi = "M4010 X3 Y2\nM4010 I0 T3 'f8003'\nM4010 I0 T4 'f8003022f800'\n";
    assert!(seen(qidi).is_empty(), "pixels are missing");
    let qidi = "M4010 X3 Y2\nM4010 I0 T4 'f820300207c0'\nM4010 I4 T3 '001f001ff800'\n";
    let found = thumbnails(qidi.as_bytes());
    let (red, green, blue) = ([255, 0, 0, 255], [0, 251, 0, 255], [0, 0, 255, 255]);
    assert_eq!(found[0].bytes, [red, red, green, blue, blue, red].concat());
    let weedo = "W221\nW220 ffd8ffe0\nW220 00104a46\nW222\n";
    assert_eq!(seen(weedo), [(ThumbnailFormat::Jpg, 0, 0, 8)]);
}

#[test]
fn no_cut_panics() {
    let file = mks(40) + "M4010 X3 Y2\nM4010 I0 T4 'f820300207c0'\nW221\nW220 ffd8ff\nW222\n";
    for end in 0..file.len() {
        let _ = thumbnails(&file.as_bytes()[..end]);
    }
}
