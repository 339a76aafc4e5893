//! H.264 to pictures, in a process of its own.

mod decoder;
mod decoding;
mod serve;
mod wire;

pub use decoder::{Decoder, Decoders};
pub use decoding::{Decoded, Form, MAX_SIDE_PX, Order, Pixels};
pub use serve::serve as serve_h264;
