use super::*;
use crate::{Detector, Eye, Findings, Picture, look_here};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};

/// Hangs in the first picture until its channel closes.
struct Stuck(Option<Receiver<()>>);

impl Detector for Stuck {
    fn detect(&mut self, _: &Picture) -> Result<Findings, DetectError> {
        if let Some(gate) = self.0.take() {
            let _ = gate.recv();
        }
        Err(DetectError::Busy)
    }

    fn name(&self) -> String {
        if self.0.is_some() { "stuck".into() } else { "fresh".into() }
    }
}

#[test]
fn a_model_that_hangs_is_noticed_and_replaced() {
    let (keep_shut, gate) = channel();
    let mut gate = Some(gate);
    let load = Box::new(move |_: LastModel| -> Result<Box<dyn Eye>, DetectError> {
        Ok(look_here(Box::new(Stuck(gate.take()))))
    });
    let (tell, told) = sync_channel(8);
    let patience = Patience { load: Duration::from_secs(20), look: Duration::from_millis(300), ..PATIENCE };
    let handle = spawn_with(load, Box::new(move |d| tell.send(d).unwrap()), patience).unwrap();
    let hear = || told.recv_timeout(Duration::from_secs(20)).unwrap();
    assert_eq!(hear(), Done::Up("stuck".into()));

    let mut jpeg = Vec::new();
    jpeg_encoder::Encoder::new(&mut jpeg, 80).encode(&[0; 192], 8, 8, jpeg_encoder::ColorType::Rgb).unwrap();
    let (answered, answer) = sync_channel(1);
    handle.ask(jpeg.into(), View::Whole, Box::new(move |a| answered.send(a).unwrap()));
    let error = answer.recv_timeout(Duration::from_secs(20)).unwrap().unwrap_err();
    assert!(matches!(error, DetectError::Hung { .. }), "{error}");
    assert!(matches!(hear(), Done::Down(why) if why.contains("did not answer")));
    assert_eq!(hear(), Done::Up("fresh".into()), "another thread took over");
    drop(handle);
    drop(keep_shut);
}

/// Finds nothing.
struct Calm;

impl Detector for Calm {
    fn detect(&mut self, _: &Picture) -> Result<Findings, DetectError> {
        Err(DetectError::Busy)
    }

    fn name(&self) -> String {
        "calm".into()
    }
}

#[test]
fn a_model_with_nothing_to_look_at_is_put_away_and_loaded_for_the_next_picture() {
    /// Says when it is dropped.
    struct Kept(SyncSender<()>);
    impl Detector for Kept {
        fn detect(&mut self, _: &Picture) -> Result<Findings, DetectError> {
            Err(DetectError::Busy)
        }

        fn name(&self) -> String {
            "kept".into()
        }
    }
    impl Drop for Kept {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }
    let (let_go, gone) = sync_channel(8);
    let load = Box::new(move |_: LastModel| -> Result<Box<dyn Eye>, DetectError> {
        Ok(look_here(Box::new(Kept(let_go.clone()))))
    });
    let (tell, told) = sync_channel(8);
    let patience = Patience { idle: Duration::from_millis(100), ..PATIENCE };
    let handle = spawn_with(load, Box::new(move |d| tell.send(d).unwrap()), patience).unwrap();
    let hear = || told.recv_timeout(Duration::from_secs(20)).unwrap();
    for round in 0..3 {
        assert_eq!(hear(), Done::Up("kept".into()), "round {round}: loaded");
        gone.recv_timeout(Duration::from_secs(20)).expect("its memory is given back");
        assert!(told.recv_timeout(Duration::from_millis(300)).is_err(), "and not loaded without need");
        let (answered, answer) = sync_channel(1);
        handle.ask(
            Bytes::from_static(b"no picture"),
            View::Whole,
            Box::new(move |a| answered.send(a).unwrap()),
        );
        assert!(answer.recv_timeout(Duration::from_secs(20)).is_ok(), "round {round}: answered");
    }
}

#[test]
fn a_panic_of_the_thread_itself_is_told_and_it_is_started_again() {
    let (tell, told) = sync_channel(8);
    let load =
        Box::new(|_: LastModel| -> Result<Box<dyn Eye>, DetectError> { Ok(look_here(Box::new(Calm))) });
    let handle = spawn(load, Box::new(move |d| tell.send(d).unwrap())).unwrap();
    let hear = |secs| told.recv_timeout(Duration::from_secs(secs)).unwrap();
    assert_eq!(hear(20), Done::Up("calm".into()));
    for round in 0..2 {
        handle.ask(
            Bytes::from_static(b"no picture"),
            View::Whole,
            Box::new(|_| panic!("whoever asked fails")),
        );
        let down = hear(3);
        assert!(matches!(&down, Done::Down(why) if why.contains("failed")), "round {round}: {down:?}");
        assert_eq!(hear(20), Done::Up("calm".into()), "round {round}: started again");
    }
    let (answered, answer) = sync_channel(1);
    handle.ask(Bytes::from_static(b"no picture"), View::Whole, Box::new(move |a| answered.send(a).unwrap()));
    assert!(answer.recv_timeout(Duration::from_secs(20)).unwrap().is_err(), "it works: that is no picture");
    drop(handle);
    assert_eq!(told.recv_timeout(Duration::from_secs(20)).ok(), None, "and ends when it is let go");
}
