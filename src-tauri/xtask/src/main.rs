//! Set-up, run, test, bench: what a person types as `cargo xtask COMMAND`.
//!
//! Needs no webview and no display itself, so it builds within seconds on a bare machine.

mod audit;
mod bench;
mod bindings;
mod octoprint;
mod ort;
mod package;
mod packages;
mod paths;
mod shell;
mod soak;
mod start;
mod test;
mod ui;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask COMMAND

  setup [--test]              install what building and running need (--test: testing too)
  run [--demo] [--headless]   set up, build and start Printvigil
                              --demo      with the demo printer and its camera, on data of their own
                              --headless  without a window: prints an address for the browser
  test [GROUP...]             run the tests: fmt ui ort clippy bindings tidy unit loop window tray chromium
                              and only when named: package (installed on a bare system; takes root and minutes)
  audit [CHECK...]            check packages and documents: doc unused licences advisories (installs what it needs)
  bench [WHAT...]             measure on this machine: watch deciding serial gcode
  soak HOURS                  run a core on simulated printers for so long, fifty times as fast, with faults now and then,
                              and tell whether memory, threads, open files or the database grow
  package [--debug] [--sign KEY]
                              make what people install, in target/package: .deb, .rpm and an archive on Linux
                              --debug  from the debug build, to try the packages out
                              --sign   with signatures, which an update from a file needs
  update-key FILE             make a key for development: FILE keeps the secret half, the app gets the public one
  ort                         fetch the ONNX Runtime library into target/ort
  bindings                    write the TypeScript types of the API again
  doctor                      say what on this machine is in the way, and what to do about it
";

/// Why a command could not do its work, in words for the person who typed it.
type Fault = String;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some((command, rest)) = args.split_first() else {
        print!("{HELP}");
        return ExitCode::from(2);
    };
    let done = match command.as_str() {
        "setup" => packages::setup(wanted(rest)),
        "run" => start::run(rest),
        "test" => test::run(rest),
        "audit" => audit::run(rest),
        "bench" => bench::run(rest),
        "soak" => soak::run(rest),
        "package" => package::run(rest),
        "update-key" => package::key(rest),
        "ort" => ort::fetch().map(|path| println!("ONNX Runtime: {}", path.display())),
        "bindings" => bindings::write(),
        "doctor" => start::doctor(),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => Err(format!("there is no command \"{other}\"\n\n{HELP}")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("\n{fault}");
            ExitCode::FAILURE
        }
    }
}

fn wanted(args: &[String]) -> packages::Wanted {
    if args.iter().any(|arg| arg == "--test") { packages::Wanted::Test } else { packages::Wanted::Run }
}
