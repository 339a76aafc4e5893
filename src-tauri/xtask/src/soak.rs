//! A core that runs for hours, and what it takes meanwhile.

use crate::{Fault, ort, paths, shell, start, ui};

/// Builds the core and runs it on simulated printers for so many hours, with faults now and then.
///
/// # Errors
/// When something does not build, or what the core takes grows.
pub(crate) fn run(args: &[String]) -> Result<(), Fault> {
    let [hours] = args else { return Err("soak takes a number of hours, such as 8 or 0.1".into()) };
    hours.parse::<f64>().map_err(|_| format!("soak takes a number of hours, not \"{hours}\""))?;
    ui::build()?;
    let library = ort::fetch()?;
    start::build(&["vigil"])?;
    shell::run(shell::cargo().args(["build", "--workspace", "--example", "soak"]))?;
    let example =
        paths::target().join("debug/examples").join(format!("soak{}", std::env::consts::EXE_SUFFIX));
    shell::run(shell::command(example).arg(hours).env("ORT_DYLIB_PATH", library))
}
