use super::*;
use serde_json::{Value, json};

const NODE: &str = "a1b2c3d4";
const PRINTER: PrinterId = PrinterId(1);

/// Others, and a clock that the test moves.
struct Bench {
    others: Others,
    at: At,
}

impl Bench {
    fn new() -> Self {
        let at = At { mono: Instant::now(), wall: Timestamp::from_micros(0) };
        let mut others = Others::default();
        others.on_connected(at.mono);
        Self { others, at }
    }

    fn wait(&mut self, secs: u64) {
        self.at.mono += Duration::from_secs(secs);
        self.at.wall = self.at.wall.plus_secs(secs as f64);
    }

    fn hear(&mut self, node: &str, about: About, payload: impl AsRef<[u8]>, kept: bool) {
        self.others.on_message(node, about, payload.as_ref(), kept, self.at);
    }

    fn introduced(node: &str) -> String {
        json!({"name": format!("M {node}"), "version": "1", "steered": true}).to_string()
    }

    fn alive(&mut self, node: &str) {
        self.hear(node, About::Alive, Self::introduced(node), false);
    }

    fn state(&mut self, state: &str, change: impl FnOnce(&mut Value)) {
        let mut told = json!({"name": "P", "state": state, "file": "f", "progress": 1.0, "left_mins": 1.0, "watching": "ON",
            "alert": "OFF", "alert_text": null, "alarm": "OFF", "alarm_text": null, "muted": "OFF",
            "can": ["pause", "resume", "cancel"]});
        change(&mut told);
        self.hear(NODE, About::State(PRINTER), told.to_string(), false);
    }

    fn view(&self) -> Machines {
        self.others.view(true, self.at.mono)
    }

    fn presence(&self) -> Presence {
        self.view().machines[0].presence
    }

    fn ask(&mut self, command: Command) -> Result<(), &'static str> {
        self.others.may_ask(NODE, PRINTER, command, self.at.mono).map_err(|refusal| refusal.code)?;
        self.others.on_asked(NODE, PRINTER, command, self.at.mono);
        Ok(())
    }

    fn asked(&self) -> Option<Asked> {
        self.view().machines[0].printers[0].asked
    }
}

#[tokio::test]
async fn a_machine_is_here_while_it_is_heard_and_gone_when_it_falls_silent_or_its_will_is_told() {
    let mut bench = Bench::new();
    bench.hear(NODE, About::Machine, Bench::introduced(NODE), true);
    assert_eq!(bench.presence(), Presence::Unheard, "what the broker has kept is nobody's word of now");
    bench.wait(8);
    assert_eq!(bench.presence(), Presence::Gone);
    bench.alive(NODE);
    assert_eq!(bench.presence(), Presence::Here);
    bench.wait(6);
    assert_eq!(bench.presence(), Presence::Here);
    bench.wait(1);
    assert_eq!(
        (bench.presence(), bench.view().machines[0].heard_at),
        (Presence::Gone, Some(bench.at.wall.plus_secs(-7.0)))
    );
    bench.alive(NODE);
    bench.hear(NODE, About::Status, "offline", false);
    assert_eq!(bench.presence(), Presence::Gone, "at once");
    bench.alive(NODE);
    assert_eq!(bench.presence(), Presence::Here);
    bench.others.on_lost(Some("the broker is away".into()));
    assert_eq!((bench.presence(), bench.view().connected), (Presence::Unknown, false));
    bench.hear(NODE, About::Machine, "", false);
    assert!(bench.view().machines.is_empty(), "it was switched off there");
}

#[tokio::test]
async fn what_was_asked_counts_when_the_other_machine_says_so_and_not_before() {
    let mut bench = Bench::new();
    bench.alive(NODE);
    assert_eq!(bench.ask(Command::Pause), Err("not_found"));
    bench.state("Printing", |_| ());
    assert_eq!(bench.ask(Command::Pause), Ok(()));
    let waiting = |late| Some(Asked { command: Command::Pause, late });
    assert_eq!(bench.asked(), waiting(false));
    bench.state("Pausing", |_| ());
    assert_eq!(bench.asked(), waiting(false), "it is not paused yet");
    bench.wait(31);
    bench.alive(NODE);
    assert_eq!(bench.asked(), waiting(true));
    bench.state("Printing", |_| ());
    assert_eq!(bench.asked(), waiting(true), "it was never paused");
    bench.state("Paused", |_| ());
    assert_eq!(bench.asked(), None);
    assert_eq!(bench.ask(Command::Cancel), Ok(()));
    bench.state("Stopping", |_| ());
    assert!(bench.asked().is_some());
    bench.state("Ready", |told| told["file"] = Value::Null);
    assert_eq!(bench.asked(), None);
}

#[tokio::test]
async fn nothing_is_asked_of_who_is_gone_does_not_take_it_or_cannot_be_read() {
    let mut bench = Bench::new();
    bench.alive(NODE);
    bench.state("Printing", |told| told["can"] = json!(["cancel"]));
    assert_eq!(bench.ask(Command::Pause), Err("not_now"));
    bench.state("Printing", |told| told["state"] = json!("Of another version"));
    assert_eq!(bench.ask(Command::Cancel), Err("not_now"));
    let view = &bench.view().machines[0].printers[0];
    assert_eq!(
        (view.state, view.state_word.as_str()),
        (None, "Cannot be read"),
        "an old state is not shown as now"
    );
    bench.state("Printing", |_| ());
    bench.hear(NODE, About::Alive, json!({"name": "M", "steered": false}).to_string(), false);
    assert_eq!(bench.ask(Command::Pause), Err("not_steered"));
    assert!(bench.view().machines[0].printers[0].can.is_empty());
    bench.alive(NODE);
    bench.wait(8);
    assert_eq!(bench.ask(Command::Pause), Err("machine_gone"));
    bench.alive(NODE);
    bench.others.on_lost(None);
    assert_eq!(bench.ask(Command::Pause), Err("broker_away"));
    assert_eq!(
        bench.others.may_ask("ffffffff", PRINTER, Command::Pause, bench.at.mono).unwrap_err().code,
        "not_found"
    );
}

#[tokio::test]
async fn however_many_there_are_only_so_many_are_kept_and_those_that_are_there_come_first() {
    let mut bench = Bench::new();
    for n in 0..10_000 {
        bench.hear(&format!("{n:08x}"), About::Machine, Bench::introduced("x"), true);
    }
    assert_eq!(bench.view().machines.len(), MOST_MACHINES);
    bench.alive(NODE);
    assert!(
        bench.view().machines.iter().any(|machine| machine.node == NODE),
        "one that speaks drives out one that does not"
    );
    for n in 0..10_000 {
        bench.hear(&format!("{n:08x}"), About::Alive, Bench::introduced("x"), false);
    }
    let view = bench.view();
    assert_eq!((view.machines.len(), view.more), (MOST_MACHINES, true));
    assert!(view.machines.iter().any(|machine| machine.node == NODE), "one that is heard stays");
    for n in 0..1_000 {
        bench.hear(NODE, About::State(PrinterId(n)), "{}", false);
    }
    let found = bench.view().machines.into_iter().find(|machine| machine.node == NODE).expect("there");
    assert_eq!((found.printers.len(), found.more), (MOST_PRINTERS, true));
}

#[tokio::test]
async fn one_that_has_gone_can_be_forgotten_and_two_of_one_name_are_told_apart() {
    let mut bench = Bench::new();
    bench.alive(NODE);
    assert_eq!(bench.others.forget(NODE, bench.at.mono).unwrap_err().code, "machine_here");
    let same = json!({"name": format!("M {NODE}")}).to_string();
    bench.hear("ffffffff", About::Alive, same, false);
    let names: Vec<String> = bench.view().machines.into_iter().map(|machine| machine.name).collect();
    assert_eq!(names, ["M a1b2c3d4 (a1b2c3d4)", "M a1b2c3d4 (ffffffff)"]);
    bench.wait(8);
    bench.others.forget(NODE, bench.at.mono).expect("gone");
    assert_eq!(bench.view().machines.len(), 1);
    assert_eq!(bench.others.next_to_follow().as_deref(), Some("ffffffff"));
    assert_eq!(bench.others.next_to_follow(), None, "once a connection");
    bench.others.on_connected(bench.at.mono);
    assert!(bench.others.next_to_follow().is_some());
}
