//! `vigil print`: one file on one serial port, without window, watch or history.

use anyhow::{Context, bail};
use domain::{
    HaltCause, Initiator, JobEnd, LinkChange, Order, PrintId, PrinterId, PrinterReport, PrinterState,
    StartJob,
};
use printer::{Heard, PrinterHandle, SerialOpener};
use station::SystemClock;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Longest wait for the printer's first word.
const HELLO: Duration = Duration::from_secs(30);

/// Longest wait for the thread to end.
const GOODBYE: Duration = Duration::from_secs(10);

const PRINT: PrintId = PrintId(1);

/// Prints the file and tells the progress; Ctrl+C cancels, with the heaters off.
pub(crate) fn run(port: &str, baud: u32, file: &Path) -> anyhow::Result<ExitCode> {
    crate::logs::to_terminal();
    let path = file.canonicalize().with_context(|| format!("{} cannot be found", file.display()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async move {
        let (heard, mut inbox) = mpsc::channel(256);
        let opener = SerialOpener::new(port, baud);
        let clock = Arc::new(SystemClock::start(1.0));
        let handle = printer::spawn(PrinterId(1), Box::new(opener), clock, heard)?;
        let code = drive(&handle, &mut inbox, &path).await;
        if !tokio::task::spawn_blocking(move || handle.join(GOODBYE)).await? {
            eprintln!("The printer did not answer in time; check it by eye.");
        }
        code
    })
}

type Inbox = mpsc::Receiver<(PrinterId, Heard)>;

async fn drive(handle: &PrinterHandle, inbox: &mut Inbox, path: &Path) -> anyhow::Result<ExitCode> {
    let mut why = "the printer does not answer; check its cable, its power, and the baud rate".to_owned();
    match tokio::time::timeout(HELLO, wait_up(inbox, &mut why)).await {
        Ok(up) => up?,
        Err(_) => bail!(why),
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let initiator = Initiator::Person;
    handle.order(Order::Start(StartJob::new(PRINT, name, path.into(), initiator)))?;
    let mut shown = None;
    loop {
        let heard = tokio::select! {
            heard = inbox.recv() => heard,
            _ = tokio::signal::ctrl_c() => {
                eprintln!("Cancelling: heaters and fan off.");
                handle.order(Order::Cancel(initiator))?;
                continue;
            }
        };
        match heard {
            None => bail!("the printer's thread ended"),
            Some((_, Heard::Report(report))) => show(&report, &mut shown),
            Some((_, Heard::Traffic(_))) => (),
            Some((_, Heard::Change(change))) => {
                if let Some(code) = ended(change)? {
                    return Ok(code);
                }
            }
        }
    }
}

/// Waits until the printer answers; `why` is what is known of why it does not.
async fn wait_up(inbox: &mut Inbox, why: &mut String) -> anyhow::Result<()> {
    while let Some((_, heard)) = inbox.recv().await {
        match heard {
            Heard::Change(LinkChange::Up { .. }) => return Ok(()),
            Heard::Change(LinkChange::Lost { why: lost }) => {
                eprintln!("{lost}");
                *why = lost;
            }
            Heard::Change(_) | Heard::Report(_) | Heard::Traffic(_) => (),
        }
    }
    bail!("the printer's thread ended")
}

fn show(report: &PrinterReport, shown: &mut Option<(u64, PrinterState)>) {
    let Some(job) = &report.job else { return };
    let percent = job.filepos * 100 / job.file_bytes.max(1);
    if shown.replace((percent, report.state)) == Some((percent, report.state)) {
        return;
    }
    let heaters: Vec<String> = report
        .temperatures
        .iter()
        .map(|(name, t)| format!("{name} {:.0}/{:.0}", t.actual, t.target.unwrap_or(0.0)))
        .collect();
    println!(
        "{percent:3} %  {}  line {} of {}  {}",
        report.state.word(),
        job.line,
        job.lines,
        heaters.join("  ")
    );
}

/// Tells a change; returns the exit code when it was the end.
fn ended(change: LinkChange) -> anyhow::Result<Option<ExitCode>> {
    match change {
        LinkChange::Ended(_, JobEnd::Finished) => {
            println!("Finished.");
            Ok(Some(ExitCode::SUCCESS))
        }
        LinkChange::Ended(_, JobEnd::Cancelled(_)) => {
            println!("Cancelled.");
            Ok(Some(ExitCode::FAILURE))
        }
        LinkChange::Ended(_, JobEnd::Interrupted { why } | JobEnd::Unknown { why }) => bail!(why),
        LinkChange::Refused { why, .. } => bail!(why),
        LinkChange::Lost { why } | LinkChange::AppFault { why } => bail!(why),
        LinkChange::Halted { cause: HaltCause::Firmware | HaltCause::PowerOff, text, .. } => {
            bail!("the printer stopped itself: {text}")
        }
        LinkChange::Halted {
            cause: HaltCause::EmergencyStop | HaltCause::EmergencyUnanswered | HaltCause::ThreadDied,
            text,
            ..
        } => bail!(text),
        // Nobody is asked here whether to go on: a print that goes cold is paused and left, heaters off.
        LinkChange::HeaterFault(fault) => bail!(fault.words()),
        LinkChange::Silent { secs } => {
            eprintln!("The printer has not answered for {secs} s.");
            Ok(None)
        }
        LinkChange::HeatersOff { unconfirmed } => {
            // Off is said only of what was read back.
            if unconfirmed.is_empty() {
                println!("All heaters are off.");
            }
            for heater in unconfirmed {
                eprintln!("{} is not confirmed to be off.", heater.name());
            }
            Ok(None)
        }
        LinkChange::LineRefused { line, command, said } => {
            let place = line.map(|n| format!(" (line {n} of the file)")).unwrap_or_default();
            eprintln!("The printer refused {command}{place}: {said}");
            Ok(None)
        }
        LinkChange::FilamentChange { text }
        | LinkChange::Says(text)
        | LinkChange::PauseUnconfirmed(_, text) => {
            eprintln!("{text}");
            Ok(None)
        }
        LinkChange::Up { .. }
        | LinkChange::Speaks
        | LinkChange::CardPrint { .. }
        | LinkChange::AgentPrint { .. }
        | LinkChange::AgentSays(_)
        | LinkChange::AgentTrouble(_)
        | LinkChange::AgentCamera(_)
        | LinkChange::StopFailed { .. }
        | LinkChange::Rebooted
        | LinkChange::Started(_)
        | LinkChange::Paused(..)
        | LinkChange::Resumed(..) => Ok(None),
    }
}
