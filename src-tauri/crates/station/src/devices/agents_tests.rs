//! STOP by the socket of an agent.

use super::agent_task::Input;
use super::agents::Agents;
use crate::clock::SystemClock;
use domain::{Agent, AgentEvent, EventClass, PrinterId};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

#[tokio::test]
async fn stop_goes_out_though_messages_wait_and_nobody_hears_of_the_printer() {
    let (agents, printer) = (Agents::default(), PrinterId(7));
    let clock = Arc::new(SystemClock::start(1.0));
    // Room for one, and nobody takes it.
    let (heard, _nobody) = mpsc::channel(1);
    let agent = Agent { name: "octoprint_obico".into(), ..Agent::default() };
    agents.open(printer, agent, clock, heard);
    let Ok(mut socket) = agents.connect(printer, "pc:1", Duration::from_secs(1)).await else {
        panic!("it is let in");
    };
    let mut sent = 0;
    let said = || AgentEvent { class: EventClass::Info, title: "again".into(), text: String::new() };
    while agents.tell(printer, Input::Says(said())).is_ok() {
        sent += 1;
        tokio::task::yield_now().await;
        assert!(sent < 10_000, "the inbox is bounded");
    }
    assert_eq!(agents.emergency_stop(printer), Some(true));
    let stop = async {
        while let Some(message) = socket.outgoing.recv().await {
            if message.contains("M112") {
                return;
            }
        }
        panic!("the socket ended");
    };
    tokio::time::timeout(Duration::from_secs(20), stop).await.expect("STOP goes out");
    drop(socket);
    assert_eq!(agents.emergency_stop(printer), Some(false), "nobody is there to hear it");
    assert_eq!(agents.emergency_stop(PrinterId(8)), None);
}
