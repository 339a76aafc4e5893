//! The core's executable: `vigil serve` is what the window and every browser talk to; the rest are tools.

mod analyse;
mod detect_files;
mod doctor;
mod documents;
mod logs;
mod memory;
mod model;
mod past_prints;
mod ports;
mod print_file;
mod private;
mod render;
mod report;
mod restoring;
mod running;
mod serve;
mod shots;
mod terminal;
mod updating;
mod verdict_file;
mod watch_files;

use clap::{CommandFactory, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Drives a 3D printer, watches it through a camera, and pauses a print that fails.
#[derive(Parser)]
#[command(name = "vigil", version)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the core: printers, cameras, detection, history, and the page on loopback.
    Serve(serve::Options),
    /// Looks for failures in pictures, past all rules over time.
    Detect(detect_files::Options),
    /// Watches a print's pictures with a rule over time, look by look.
    Watch(watch_files::Options),
    /// Checks recorded sequences against the decision rule; fails when a decision is wrong.
    Verdict {
        /// A file of recorded sequences.
        file: PathBuf,
    },
    /// Prints a G-code file on a serial port, without window and watch.
    Print {
        /// Such as /dev/ttyUSB0 or COM4.
        #[arg(long)]
        port: String,
        /// Tried first; 0 finds it.
        #[arg(long, default_value_t = 0)]
        baud: u32,
        /// The file.
        file: PathBuf,
    },
    /// Says what G-code files need: layers, extents, filament, time, pictures.
    Analyse {
        /// Prints one JSON object a line.
        #[arg(long)]
        json: bool,
        /// The files: .gcode, .bgcode, .gcode.3mf, .ufp.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Lists the serial ports: what is likely a printer, who uses it, what is in the way and the cure.
    Ports {
        /// Prints one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// A plain terminal on a serial port: shows what the printer says, sends what is typed.
    Terminal {
        /// Such as /dev/ttyUSB0 or COM4.
        #[arg(long)]
        port: String,
        /// 115200 and 250000 are the usual ones.
        #[arg(long, default_value_t = 115_200)]
        baud: u32,
    },
    /// Detection models that you bring: checks, keeps, lists and chooses them.
    Model {
        #[command(subcommand)]
        what: model::What,
    },
    /// Lists past prints, the newest first.
    Prints(past_prints::ListOptions),
    /// Makes the film of a past print again, plain and with the detections drawn in.
    Render {
        #[command(flatten)]
        folder: past_prints::Folder,
        /// Its number, as `vigil prints` shows it.
        print: i64,
    },
    /// Makes a past print of a film (MP4, H.264): the watch looks through it, and draws in what it sees.
    ImportVideo {
        #[command(flatten)]
        folder: past_prints::Folder,
        /// Seconds of the print from picture to picture of the film; 0 when it runs as fast as life [default: 10]
        #[arg(long, value_name = "SECONDS")]
        secs_per_picture: Option<f64>,
        /// The film.
        film: PathBuf,
    },
    /// Writes all that is kept of a print to a new folder, a .zip, or one .html page.
    Export {
        #[command(flatten)]
        folder: past_prints::Folder,
        /// Its number, as `vigil prints` shows it.
        print: i64,
        /// Where to.
        #[arg(long, value_name = "PATH")]
        out: PathBuf,
    },
    /// Writes everything that is kept into one file, also while the app runs.
    Backup {
        #[command(flatten)]
        folder: past_prints::Folder,
        /// Leaves single pictures out: films, clips and posters stay, and the file is far smaller.
        #[arg(long)]
        without_pictures: bool,
        /// The file (.zip).
        file: PathBuf,
    },
    /// Restores such a file. What was there before is set aside, never overwritten.
    Restore {
        #[command(flatten)]
        folder: past_prints::Folder,
        /// Only says what is in it, and restores nothing.
        #[arg(long)]
        preview: bool,
        /// Prints one JSON object.
        #[arg(long)]
        json: bool,
        /// The file.
        file: PathBuf,
    },
    /// Installs a newer version from a signed package. Never while a print runs; the database is copied first.
    Update(updating::Options),
    /// Says what is missing on this computer, and the cure.
    Doctor,
    /// Makes a report for whoever helps: versions, settings, logs, the last dialogue; nothing secret. Lists what is in it.
    Report {
        #[command(flatten)]
        folder: past_prints::Folder,
        /// With the cameras' newest pictures, while the app runs.
        #[arg(long)]
        pictures: bool,
        /// The file (.zip); without one nothing is written.
        file: Option<PathBuf>,
    },
    /// Looks at pictures for the core, in a process of its own. It is started by the core.
    #[command(hide = true)]
    Eyes,
    /// Decodes H.264 for the core, in a process of its own. It is started by the core.
    #[command(hide = true)]
    Decode,
    /// Writes the manual pages and what shells complete, for packages.
    #[command(hide = true)]
    Documents {
        /// Where to.
        folder: PathBuf,
    },
}

fn main() -> ExitCode {
    memory::give_back_large_blocks();
    private::new_files();
    let args = Args::parse();
    let done = match args.command {
        Command::Serve(options) => serve::run(&options),
        Command::Detect(options) => detect_files::run(&options),
        Command::Watch(options) => watch_files::run(&options),
        Command::Verdict { file } => verdict_file::run(&file),
        Command::Print { port, baud, file } => print_file::run(&port, baud, &file),
        Command::Analyse { json, files } => analyse::run(json, &files),
        Command::Ports { json } => ports::run(json),
        Command::Terminal { port, baud } => terminal::run(&port, baud),
        Command::Model { what } => model::run(what),
        Command::Prints(options) => past_prints::list(options),
        Command::Render { folder, print } => render::run(&folder.path(), print),
        Command::ImportVideo { folder, secs_per_picture, film } => {
            render::import(&folder.path(), &film, secs_per_picture)
        }
        Command::Export { folder, print, out } => past_prints::export(folder, print, &out),
        Command::Backup { folder, without_pictures, file } => {
            let pictures =
                if without_pictures { station::Pictures::Without } else { station::Pictures::With };
            past_prints::backup(folder, &file, pictures)
        }
        Command::Restore { folder, preview, json, file } => {
            let how = if json { restoring::Told::Json } else { restoring::Told::Words };
            if preview {
                restoring::preview(folder, &file, how)
            } else {
                restoring::restore(folder, &file, how)
            }
        }
        Command::Update(options) => updating::run(options),
        Command::Doctor => doctor::run(),
        Command::Report { folder, pictures, file } => report::run(&folder.path(), file.as_deref(), pictures),
        Command::Eyes => eyes(),
        Command::Decode => decode(),
        Command::Documents { folder } => documents::run(Args::command(), &folder),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("vigil: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Looks until the core has enough of it, or is gone.
fn eyes() -> anyhow::Result<ExitCode> {
    detect::serve(std::io::stdin().lock(), std::io::stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}

/// Decodes until the core has enough of it, or is gone.
fn decode() -> anyhow::Result<ExitCode> {
    sandbox::serve_h264(std::io::stdin().lock(), std::io::stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}
