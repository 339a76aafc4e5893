//! Says what to do where the page that this crate embeds has not been built yet.

use std::path::Path;

fn main() {
    let page = "../../../ui/dist/index.html";
    println!("cargo:rerun-if-changed={page}");
    if !Path::new(page).is_file() {
        println!(
            "cargo::error=the page is not built yet. Run `cargo xtask run` once: it installs what is missing, builds the \
             page and starts the app. After that a plain `cargo build` works, too."
        );
    }
}
