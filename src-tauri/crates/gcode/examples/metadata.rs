//! Prints what files say of themselves, and the pictures in them; pictures that no browser reads are decoded.

use std::fs::File;

fn main() -> std::io::Result<()> {
    for path in std::env::args().skip(1) {
        println!("{path}\n  {:?}", gcode::metadata(File::open(&path)?)?);
        for picture in gcode::thumbnails(File::open(&path)?) {
            let (format, bytes) = (picture.format, picture.bytes.len());
            let pixels = picture.pixels().map(|p| (p.width, p.height));
            println!("  {format:?} {}x{}, {bytes} bytes, pixels {pixels:?}", picture.width, picture.height);
        }
    }
    Ok(())
}
