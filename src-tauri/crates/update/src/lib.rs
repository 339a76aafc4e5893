//! Updates from a file: whose a package is, whether it fits this computer and this version, and how it gets into place.
//!
//! Nothing here asks a network. A package is believed only for what its signature says of it (`statement`): its name and
//! what lies inside prove nothing. What is installed is a copy that was verified as it was made, so that a file changed
//! between the look and the installation is of no use to anybody.
//!
//! - **Invariant:** no byte of a package is unpacked, and no program is asked to install it, before its signature holds.
//! - **Invariant:** what is replaced is kept beside the new until a person deletes it.

mod archive;
mod error;
mod installed;
mod key;
mod package;
mod replace;
mod statement;
mod system;

pub use error::UpdateError;
pub use installed::{Installed, Way};
pub use key::Key;
pub use package::{Offer, Staged, check, stage};
pub use replace::{Replaced, replace};
pub use statement::{Kind, Statement};
pub use system::{Handed, hand_over};
