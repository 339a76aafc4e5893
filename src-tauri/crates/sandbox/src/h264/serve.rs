//! The process that decodes H.264, from within.

use super::decoding::Decoding;
use super::wire::{Answer, Asked, MAX_FRAME, read_asked, write_answer};
use crate::confine;
use crate::wire::read_following;
use std::io::{self, BufRead, BufWriter, Write};

/// More memory of its own than any stream that is read needs, bytes.
const MOST_MEMORY: u64 = 3 << 29;

/// Gives up all rights but to read frames and to answer, and decodes until nobody asks any more.
///
/// # Errors
/// When what is asked cannot be read, the decoder does not start, or nobody hears the answer.
pub fn serve(mut asked: impl BufRead, answers: impl Write) -> io::Result<()> {
    confine::live_with_the_owner(MOST_MEMORY);
    let confined = confine::open_nothing_at_all();
    let mut answers = BufWriter::new(answers);
    let Some(Asked::Begin(order)) = read_asked(&mut asked)? else { return Ok(()) };
    let mut decoding = Decoding::new(order).map_err(io::Error::other)?;
    write_answer(&mut answers, &Answer::Ready(confined))?;
    let mut frame = Vec::new();
    while let Some(next) = read_asked(&mut asked)? {
        let decoded = match next {
            Asked::Frame(form, following) => {
                read_following(&mut asked, following, MAX_FRAME, &mut frame)?;
                decoding.frame(&frame, form)
            }
            Asked::Rest(form) => decoding.rest(form),
            Asked::Begin(_) => return Ok(()),
        };
        write_answer(&mut answers, &Answer::Decoded(decoded))?;
    }
    Ok(())
}
