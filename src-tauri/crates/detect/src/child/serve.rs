//! The process that looks at pictures, from within.

use super::confine;
use super::wire::{Loaded, MAX_JPEG, Request, read_line, write_line};
use crate::{Canvas, DetectError, ModelFiles, detect_jpeg};
use std::io::{self, BufRead, BufWriter, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Loads the model that the first line names, gives up all rights but to read pictures and to answer, and looks until
/// nobody asks any more.
///
/// # Errors
/// When what is asked cannot be read, or nobody hears the answer.
pub fn serve(mut asked: impl BufRead, answers: impl Write) -> io::Result<()> {
    let mut answers = BufWriter::new(answers);
    let Some(files) = read_line::<ModelFiles>(&mut asked)? else { return Ok(()) };
    confine::before_loading();
    let mut detector = match files.load() {
        Ok(detector) => detector,
        Err(error) => return write_line(&mut answers, &Err::<Loaded, _>(error), &[]),
    };
    let confined = confine::before_looking();
    let loaded = Loaded { name: detector.name(), sight: detector.sight(), confined };
    write_line(&mut answers, &Ok::<_, DetectError>(loaded), &[])?;
    let (mut canvas, mut jpeg) = (Canvas::default(), Vec::new());
    while let Some(request) = read_line::<Request>(&mut asked)? {
        let bytes = request.bytes.min(MAX_JPEG);
        jpeg.clear();
        if asked.by_ref().take(u64::from(bytes)).read_to_end(&mut jpeg)? < bytes as usize {
            return Ok(());
        }
        let look = || detect_jpeg(detector.as_mut(), &mut canvas, &jpeg, request.view);
        let found = catch_unwind(AssertUnwindSafe(look));
        let found = found.unwrap_or_else(|_| Err(DetectError::inference("it crashed")));
        write_line(&mut answers, &found, &[])?;
    }
    Ok(())
}
