//! `vigil serve`: the core with its loopback door.

use crate::{logs, private};
use anyhow::Context;
use domain::{Leave, PrinterKind};
use station::{Config, DEMO_PRINTER_NAME, DesktopAwake, NewPrinter, Station};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use vigil::{far, places};

/// With less free space than this no more pictures are kept, bytes.
const RESERVE_BYTES: u64 = 500 * 1024 * 1024;

/// A core that belongs to a window ends so long after the window has gone, when nothing prints.
const ALONE: Duration = Duration::from_secs(20);

/// How to serve.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Where everything is kept.
    #[arg(long = "data", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Adds the demo printer if there is none.
    #[arg(long)]
    demo: bool,
    /// Demo seconds in a real one.
    #[arg(long, default_value_t = 20.0, value_parser = speed)]
    demo_speed: f64,
    /// Port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Prints address and token as one line of JSON, and logs to a file.
    #[arg(long)]
    announce_json: bool,
    /// Ends by itself when no window is connected and nothing prints.
    #[arg(long)]
    until_closed: bool,
}

fn speed(text: &str) -> Result<f64, String> {
    let speed: f64 = text.parse().map_err(|_| format!("{text:?} is no number"))?;
    if (1.0..=200.0).contains(&speed) { Ok(speed) } else { Err("a speed from 1 to 200 is possible".into()) }
}

/// Runs until a signal, a door, or the absence of all windows ends it.
pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let data_dir = options.data_dir.clone().unwrap_or_else(places::data_dir);
    std::fs::create_dir_all(&data_dir)
        .with_context(|| format!("the folder {} cannot be made", data_dir.display()))?;
    let data_dir = data_dir.canonicalize().context("the data folder cannot be found")?;
    private::data_folder(&data_dir).map_err(|error| {
        let shown = data_dir.display();
        let why = if error.kind() == ErrorKind::ReadOnlyFilesystem {
            format!("the folder {shown} is on a disk that is mounted read-only: make it writable, or choose another folder with --data")
        } else {
            format!("the folder {shown} cannot be closed to other users")
        };
        anyhow::Error::new(error).context(why)
    })?;
    if options.announce_json {
        logs::to_file(&data_dir).context("the log cannot be written")?;
    } else {
        logs::to_terminal();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(serve(options, data_dir))?;
    Ok(ExitCode::SUCCESS)
}

async fn serve(options: &Options, data_dir: PathBuf) -> anyhow::Result<()> {
    let station = Station::start(Config {
        data_dir: data_dir.clone(),
        version: env!("CARGO_PKG_VERSION").into(),
        demo_scale: options.demo_speed,
        reserve_bytes: RESERVE_BYTES,
        device_factory: Arc::new(far::Far::demo()),
        models: far::models_apart(),
        awake: Box::new(DesktopAwake::default()),
    })
    .await?;
    if options.demo {
        add_demo(&station).await?;
    }
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, options.port)))
        .await
        .with_context(|| format!("port {} is taken; choose another with --port", options.port))?;
    let address = listener.local_addr()?;
    let token = api::new_token();
    announce(options, &data_dir, address, &token)?;
    let doors = api::Doors::default();
    let core = api::Core::new(station.clone(), token, address, doors.clone());
    let network = tokio::spawn(core.clone().open_network_as_stored());
    let ending = tokio::spawn(end_when_told(station.clone(), doors.clone(), options.until_closed));
    api::serve(listener, core.router(), doors).await?;
    network.abort();
    core.leave().await;
    ending.abort();
    let _ = std::fs::remove_file(data_dir.join("core.json"));
    // Whoever started us must see that it was no end in order.
    station.why_fallen().map_or(Ok(()), |why| Err(anyhow::anyhow!(why)))
}

async fn add_demo(station: &Station) -> anyhow::Result<()> {
    let there = station.snapshot().printers.values().any(|printer| printer.vigil.kind == PrinterKind::Demo);
    if !there {
        let name = DEMO_PRINTER_NAME.to_owned();
        let auth_token = api::new_auth_token();
        station
            .add_printer(NewPrinter { name, kind: PrinterKind::Demo, port: None, camera: None, auth_token })
            .await?;
    }
    Ok(())
}

/// Tells where we are: on the terminal, and in a file that only the user can read.
fn announce(options: &Options, data_dir: &Path, address: SocketAddr, token: &str) -> anyhow::Result<()> {
    let base_url = format!("http://{address}");
    let line =
        serde_json::json!({"base_url": base_url, "token": token, "pid": std::process::id()}).to_string();
    store::private_file::write(&data_dir.join("core.json"), line.as_bytes())
        .context("the file core.json cannot be written")?;
    if options.announce_json {
        println!("{line}");
    } else {
        println!("Open {base_url}/#token={token}");
    }
    Ok(())
}

/// Waits for a signal or for the last window to go, then leaves the printers in order and closes the door.
async fn end_when_told(station: Station, doors: api::Doors, until_closed: bool) {
    tokio::select! {
        () = signal() => tracing::info!("asked by the system to end"),
        () = alone(&station, &doors), if until_closed => tracing::info!("no window is open and nothing prints"),
        why = station.fallen() => tracing::error!(why, "the core has ended itself"),
    }
    // Nobody can be asked now and we may not live on: a running print is paused, its heaters go off.
    let leave = if station.printing() { Leave::HeatersOff } else { Leave::AsItIs };
    station.shutdown(leave).await;
    doors.ended.send_replace(true);
}

async fn alone(station: &Station, doors: &api::Doors) {
    let mut clients = doors.clients.subscribe();
    loop {
        let _ = clients.wait_for(|clients| *clients == 0).await;
        let back = tokio::time::timeout(ALONE, clients.wait_for(|clients| *clients > 0)).await;
        if back.is_err() && !station.printing() {
            return;
        }
    }
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut term), Ok(mut hup)) = (signal(SignalKind::terminate()), signal(SignalKind::hangup())) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => (),
        _ = hup.recv() => (),
        _ = tokio::signal::ctrl_c() => (),
    }
}

#[cfg(not(unix))]
async fn signal() {
    let _ = tokio::signal::ctrl_c().await;
}
