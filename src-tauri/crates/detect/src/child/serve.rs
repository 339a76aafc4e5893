//! The process that looks at pictures, from within.

use super::wire::{Loaded, MAX_JPEG, MAX_LINE, Request};
use crate::{Canvas, DetectError, ModelFiles, detect_jpeg};
use sandbox::confine;
use sandbox::wire::{read_following, read_line, write_line};
use std::io::{self, BufRead, BufWriter, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// More memory of its own than any model that is of use here needs, bytes.
const MOST_MEMORY: u64 = 3 << 30;

/// Loads the model that the first line names, gives up all rights but to read pictures and to answer, and looks until
/// nobody asks any more.
///
/// # Errors
/// When what is asked cannot be read, or nobody hears the answer.
pub fn serve(mut asked: impl BufRead, answers: impl Write) -> io::Result<()> {
    let mut answers = BufWriter::new(answers);
    let Some(files) = read_line::<ModelFiles>(&mut asked, MAX_LINE)? else { return Ok(()) };
    confine::live_with_the_owner(MOST_MEMORY);
    // The library's copy is written where temporary files are.
    confine::only_read(&std::env::temp_dir());
    let mut detector = match files.load() {
        Ok(detector) => detector,
        Err(error) => return write_line(&mut answers, &Err::<Loaded, _>(error), &[]),
    };
    let confined = confine::open_nothing();
    let loaded = Loaded { name: detector.name(), sight: detector.sight(), confined };
    write_line(&mut answers, &Ok::<_, DetectError>(loaded), &[])?;
    let (mut canvas, mut jpeg) = (Canvas::default(), Vec::new());
    while let Some(request) = read_line::<Request>(&mut asked, MAX_LINE)? {
        read_following(&mut asked, request.jpeg, MAX_JPEG, &mut jpeg)?;
        let look = || detect_jpeg(detector.as_mut(), &mut canvas, &jpeg, request.view);
        let found = catch_unwind(AssertUnwindSafe(look));
        let found = found.unwrap_or_else(|_| Err(DetectError::inference("it crashed")));
        write_line(&mut answers, &found, &[])?;
    }
    Ok(())
}
