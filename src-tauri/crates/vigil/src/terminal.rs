//! `vigil terminal`: a plain terminal on one serial port, with the same checks as the one on the page.

use anyhow::bail;
use domain::{
    Busyness, Judgement, Leave, LinkChange, Order, PrinterId, Tool, Traffic, TrafficDirection, clean_command,
    judge,
};
use printer::{Heard, PrinterHandle, SerialOpener};
use station::SystemClock;
use std::io::BufRead;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Longest wait for the thread to end.
const GOODBYE: Duration = Duration::from_secs(10);

/// Silence of the printer after the end of the input, until we leave.
const LAST_ANSWERS: Duration = Duration::from_millis(1_500);

/// Shows what the printer says and sends what is typed; ends with the input or by Ctrl+C.
pub(crate) fn run(port: &str, baud: u32) -> anyhow::Result<ExitCode> {
    crate::logs::to_terminal();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let done = runtime.block_on(async move {
        let (heard, mut inbox) = mpsc::channel(256);
        let opener = SerialOpener::new(port, baud);
        let clock = Arc::new(SystemClock::start(1.0));
        let handle = printer::spawn(PrinterId(1), Box::new(opener), clock, heard)?;
        let (typed, mut lines) = mpsc::channel(16);
        std::thread::Builder::new().name("typed".into()).spawn(move || read_typed(&typed))?;
        let done = talk(&handle, &mut inbox, &mut lines).await;
        handle.order(Order::Stop(Leave::AsItIs))?;
        if !tokio::task::spawn_blocking(move || handle.join(GOODBYE)).await? {
            eprintln!("The printer did not answer in time; check it by eye.");
        }
        done
    });
    // The thread that reads what is typed may wait for a key for ever.
    runtime.shutdown_background();
    done
}

/// Hands on what is typed until the input ends or nobody listens.
fn read_typed(typed: &mpsc::Sender<String>) {
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        if typed.blocking_send(line).is_err() {
            return;
        }
    }
}

fn show(lines: &[Traffic]) {
    for line in lines {
        match line.direction {
            TrafficDirection::Sent => println!("> {}", line.text),
            TrafficDirection::Received => println!("{}", line.text),
        }
    }
}

async fn talk(
    handle: &PrinterHandle,
    inbox: &mut mpsc::Receiver<(PrinterId, Heard)>,
    lines: &mut mpsc::Receiver<String>,
) -> anyhow::Result<ExitCode> {
    eprintln!("Lines that you type are sent. M112 stops the printer at once; Ctrl+C ends.");
    let (mut is_up, mut has_ended, mut waiting) = (false, false, Vec::new());
    loop {
        tokio::select! {
            heard = inbox.recv() => match heard {
                None => bail!("the printer's thread ended"),
                Some((_, Heard::Traffic(lines))) => show(&lines),
                Some((_, Heard::Change(LinkChange::Up { .. }))) => {
                    is_up = true;
                    waiting.drain(..).for_each(|typed: String| send(handle, &typed));
                }
                Some((_, Heard::Change(LinkChange::Refused { why, .. } | LinkChange::Lost { why }))) => {
                    eprintln!("{why}");
                }
                Some((_, Heard::Change(_) | Heard::Report(_))) => (),
            },
            typed = lines.recv(), if !has_ended => match typed {
                None => has_ended = true,
                // An emergency stop waits for nothing.
                Some(typed) if is_up || is_stop(&typed) => send(handle, &typed),
                Some(typed) => waiting.push(typed),
            },
            // What came from a file or a pipe is answered before we leave.
            () = tokio::time::sleep(LAST_ANSWERS), if has_ended && waiting.is_empty() => {
                return Ok(ExitCode::SUCCESS);
            }
            _ = tokio::signal::ctrl_c() => return Ok(ExitCode::SUCCESS),
        }
    }
}

fn is_stop(typed: &str) -> bool {
    typed.trim().eq_ignore_ascii_case("M112")
}

/// Sends a typed line, or says why not.
fn send(handle: &PrinterHandle, typed: &str) {
    if typed.trim().is_empty() {
        return;
    }
    if is_stop(typed) {
        if let Err(why) = handle.emergency_stop() {
            eprintln!("Not sent: {why}. If it is moving or hot, switch it off at its own switch.");
        }
        return;
    }
    let line = match clean_command(typed) {
        Ok(line) => line,
        Err(why) => return eprintln!("Not sent: {why}."),
    };
    match judge(&line, Busyness::Idle) {
        Judgement::Fine => (),
        Judgement::Ask(text) => eprintln!("Note: {text}"),
        Judgement::Refuse(why) => return eprintln!("Not sent: {why}."),
    }
    if let Err(busy) = handle.order(Order::Tool(Tool::Lines(vec![line]))) {
        eprintln!("{busy}");
    }
}
