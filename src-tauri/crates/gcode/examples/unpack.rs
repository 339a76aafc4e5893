//! Writes the plain G-code of a file to standard output, and what its container holds beside it to standard error.

use std::fs::File;
use std::io;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args_os().nth(1).ok_or("usage: unpack FILE > plain.gcode")?;
    let mut program = gcode::open_program(File::open(path)?)?;
    eprintln!("{program:?}");
    for picture in &program.thumbnails {
        eprintln!("{:?} {}x{}, {} bytes", picture.format, picture.width, picture.height, picture.bytes.len());
    }
    io::copy(&mut program.reader, &mut io::stdout().lock())?;
    Ok(())
}
