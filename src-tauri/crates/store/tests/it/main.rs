//! The database as its users see it: through `Store` alone.

#![allow(clippy::unwrap_used)]

mod crash;
mod damage;
mod disk_full;
mod last_print;
mod lists;
mod look_file;
mod queue;
mod records;
mod review;
mod rounds;
mod rows;
mod scale;
mod slow;
mod spools;
mod watch;
