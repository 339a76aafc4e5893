//! Native code that sees foreign bytes, in processes of its own: whatever a picture, a model or a stream does to a library
//! written in C or C++, the core goes on.
//!
//! A [`Process`] is started by its owner, asked over its standard input, and answers there; an answer is bounded and
//! checked before it is believed. It is ended with its owner, when it does not answer, and when it answers nonsense. From
//! within it gives up what it does not need ([`confine`]).
//!
//! [`Decoder`] decodes H.264 this way. The one that looks at pictures is `detect`'s.

pub mod confine;
mod h264;
mod process;
pub mod wire;

pub use confine::Confined;
pub use h264::{Decoded, Decoder, Decoders, Form, MAX_SIDE_PX, Order, Pixels, serve_h264};
pub use process::{Ended, OnGone, Process};
