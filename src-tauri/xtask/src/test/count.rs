//! Counts of passed, failed and skipped, read from what the test programs print.

use super::hung::{self, Silence};
use crate::Fault;
use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// How long we listen after a program's end: a stray child of a test may hold the pipe open for ever.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// A program that prints nothing for so long hangs: the slowest test takes three minutes on two busy cores.
const LONGEST_SILENCE: Duration = Duration::from_secs(600);

/// Of what a failed test prints, so many lines are said again at the end.
const SAID_AGAIN: usize = 12;

/// When more tests fail, it is no bad luck and none is run again.
const MOST_SECOND_TRIES: usize = 3;

/// How many tests came to what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
    pub(crate) skipped: u32,
    /// What failed tests of Rust said first, name by name.
    pub(crate) words: Vec<String>,
    /// The names of the failed tests of Rust that ended by themselves.
    pub(crate) failed_names: Vec<String>,
    /// Tests that failed and passed when they were run once more, with what they said first.
    pub(crate) unsteady: Vec<String>,
}

impl Count {
    /// One check that held.
    pub(crate) const ONE: Self = Self {
        passed: 1,
        failed: 0,
        skipped: 0,
        words: Vec::new(),
        failed_names: Vec::new(),
        unsteady: Vec::new(),
    };

    /// Adds the counts of two runs.
    pub(crate) fn plus(mut self, other: Self) -> Self {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.words.extend(other.words);
        self.failed_names.extend(other.failed_names);
        self.unsteady.extend(other.unsteady);
        self
    }

    /// Runs the failed tests once more, each by itself. Those that pass then do not make the run red; they are named in
    /// the table's end with what they said, because a test that depends on luck is a fault of its own.
    pub(crate) fn second_try(mut self, run: impl Fn(&str) -> Result<Self, Fault>) -> Self {
        if self.failed_names.len() != self.failed as usize || self.failed as usize > MOST_SECOND_TRIES {
            return self;
        }
        for name in std::mem::take(&mut self.failed_names) {
            println!("\n{name} failed and is run once more, by itself");
            match run(&name) {
                Ok(Self { passed: 1.., failed: 0, .. }) => {
                    self.passed += 1;
                    self.failed -= 1;
                    let said = self.take_words(&name);
                    self.unsteady.extend(said);
                }
                _ => self.failed_names.push(name),
            }
        }
        self
    }

    /// Takes out what one failed test said.
    fn take_words(&mut self, name: &str) -> Vec<String> {
        let head = format!("---- {name} ");
        let Some(from) = self.words.iter().position(|line| line.starts_with(&head)) else {
            return vec![head];
        };
        let behind = &self.words[from + 1..];
        let to = behind.iter().position(|line| line.starts_with("---- ")).unwrap_or(behind.len());
        self.words.drain(from..=from + to).collect()
    }

    /// Takes in a line of cargo's or vitest's output.
    fn hear(&mut self, line: &str) {
        let line = plain(line);
        if let Some(result) = line.trim_start().strip_prefix("test result:") {
            self.passed += before(result, "passed");
            self.failed += before(result, "failed");
            self.skipped += before(result, "ignored");
        } else if let Some(result) = line.trim_start().strip_prefix("Tests ") {
            self.passed += before(result, "passed");
            self.failed += before(result, "failed");
            self.skipped += before(result, "skipped") + before(result, "todo");
        }
    }
}

/// Runs a test program, shows what it prints and counts it.
///
/// # Errors
/// When it cannot be started, or fails without a failed test (it did not build, say).
pub(crate) fn counted(command: &mut Command) -> Result<Count, Fault> {
    counted_within(command, LONGEST_SILENCE)
}

/// As [`counted`], with another limit for its silence: what hangs is ended and counts as failed.
fn counted_within(command: &mut Command, longest: Duration) -> Result<Count, Fault> {
    let program = command.get_program().to_string_lossy().into_owned();
    let fault = |error: std::io::Error| format!("{program}: {error}");
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(fault)?;
    // Both: the test harness keeps what a passed test prints on the one, and some say `skipped` past it on the other.
    let (sender, lines) = mpsc::sync_channel(1024);
    let mut silence = Silence::start(longest);
    listen(child.stdout.take().expect("stdout is piped"), sender.clone(), silence.ear());
    listen(child.stderr.take().expect("stderr is piped"), sender, silence.ear());
    let (mut count, mut words) = (Count::default(), Words::default());
    let mut hung_tests = Vec::new();
    // A test that cannot run here prints `skipped: why` and returns; cargo calls it passed, we do not.
    let mut skipped = 0;
    let status = loop {
        match lines.recv_timeout(Duration::from_millis(200)) {
            Ok(line) => {
                println!("{line}");
                hear(&line, &mut count, &mut skipped);
                words.hear(&line);
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => break child.wait(),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                if let Ok(Some(status)) = child.try_wait() {
                    while let Ok(line) = lines.recv_timeout(LAST_WORDS) {
                        println!("{line}");
                        hear(&line, &mut count, &mut skipped);
                        words.hear(&line);
                    }
                    break Ok(status);
                }
                if let Some(begun) = silence.too_long() {
                    let ended = hung::end_what_it_runs(&mut child);
                    let mins = longest.as_secs_f64() / 60.0;
                    let said = format!(
                        "---- nothing was printed for {mins:.0} minutes, so {ended} was ended; last: {begun}"
                    );
                    println!("{said}");
                    hung_tests.push(said);
                }
            }
        }
    }
    .map_err(|error| error.to_string())?;
    count.passed = count.passed.saturating_sub(skipped);
    count.skipped += skipped;
    count.words = words.said;
    count.failed_names = words.names;
    count.failed += hung_tests.len() as u32;
    count.words.extend(hung_tests);
    if !status.success() && count.failed == 0 {
        return Err(format!("ended with {status}"));
    }
    Ok(count)
}

/// Keeps what failed tests say. Those that passed say theirs under another heading.
#[derive(Default)]
struct Words {
    said: Vec<String>,
    names: Vec<String>,
    of_failures: bool,
    /// Lines left of the test whose words these are.
    left: usize,
}

impl Words {
    fn hear(&mut self, line: &str) {
        match line {
            "failures:" => (self.of_failures, self.left) = (true, 0),
            "successes:" => (self.of_failures, self.left) = (false, 0),
            _ if line.starts_with("test result:") => (self.of_failures, self.left) = (false, 0),
            _ if self.of_failures && line.starts_with("---- ") => {
                self.left = SAID_AGAIN;
                let name = line.trim_start_matches("---- ").split(' ').next().unwrap_or_default();
                self.names.push(name.to_owned());
                self.said.push(line.to_owned());
            }
            _ if self.of_failures && self.left > 0 && !line.trim().is_empty() => {
                self.left -= 1;
                self.said.push(line.to_owned());
            }
            _ => (),
        }
    }
}

fn hear(line: &str, count: &mut Count, skipped: &mut u32) {
    if says_skipped(line) { *skipped += 1 } else { count.hear(line) }
}

/// Returns whether a test says that it cannot run here. The harness may have begun the line with its own words: dots, or
/// the test's name.
fn says_skipped(line: &str) -> bool {
    let line = plain(line);
    let line = line.trim_start_matches(['.', 'i', 'F', ' ']);
    let behind_name = line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... "));
    behind_name.map_or(line, |(_, rest)| rest).starts_with("skipped: ")
}

/// Sends line by line; what is not yet a whole line (a test that has begun) is heard, too.
fn listen(mut output: impl Read + Send + 'static, sender: mpsc::SyncSender<String>, ear: hung::Ear) {
    let listen = move || {
        let (mut line, mut part) = (Vec::new(), [0; 8192]);
        while let Ok(1..) = output.read(&mut part).inspect(|&read| line.extend_from_slice(&part[..read])) {
            while let Some(end) = line.iter().position(|byte| *byte == b'\n') {
                let whole: Vec<u8> = line.drain(..=end).collect();
                if sender.send(String::from_utf8_lossy(&whole[..end]).into_owned()).is_err() {
                    return;
                }
            }
            ear.heard(&line);
        }
        if !line.is_empty() {
            // Nobody listens any more: then it does not matter.
            let _ = sender.send(String::from_utf8_lossy(&line).into_owned());
        }
    };
    std::thread::Builder::new().name("output".into()).spawn(listen).expect("a thread for reading");
}

/// Returns the number before `word`: 5 in "ok. 5 passed; 0 failed".
fn before(text: &str, word: &str) -> u32 {
    let words: Vec<&str> = text.split([' ', ';', '|', '(', ')']).filter(|part| !part.is_empty()).collect();
    words.windows(2).find(|pair| pair[1] == word).and_then(|pair| pair[0].parse().ok()).unwrap_or(0)
}

/// Takes the colours out of a line.
fn plain(line: &str) -> String {
    let mut text = String::new();
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            chars.by_ref().find(char::is_ascii_alphabetic);
        } else {
            text.push(c);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Count, SAID_AGAIN, Words, hear};

    fn heard(text: &str) -> (u32, u32, u32) {
        let (mut count, mut skipped) = (Count::default(), 0);
        text.lines().for_each(|line| hear(line, &mut count, &mut skipped));
        (count.passed, count.failed, count.skipped + skipped)
    }

    #[test]
    fn results_of_cargo_add_up() {
        let text = "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\n\
                    test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(heard(text), (7, 3, 1));
    }

    #[test]
    fn what_failed_tests_say_is_kept_and_no_other() {
        let long: String = (0..20).map(|n| format!("word {n}\n")).collect();
        let text = format!(
            "successes:\n\n---- a stdout ----\nfine\n\nsuccesses:\n    a\n\nfailures:\n\n---- b stdout ----\n\n{long}\n\
             ---- c stdout ----\nnot so\n\n\nfailures:\n    b\n    c\n\ntest result: FAILED. 1 passed; 2 failed\nelse"
        );
        let mut words = Words::default();
        text.lines().for_each(|line| words.hear(line));
        assert_eq!(words.said.len(), 1 + SAID_AGAIN + 2);
        assert_eq!(words.said[..2], ["---- b stdout ----", "word 0"]);
        assert_eq!(words.said[13..], ["---- c stdout ----", "not so"]);
    }

    #[test]
    fn a_test_that_passes_at_its_second_try_is_named_and_one_that_does_not_stays_red() {
        let text = "failures:\n\n---- b stdout ----\nno answer\n\n---- c stdout ----\nnot so\n\nfailures:\n    b\n    c\n\n\
                    test result: FAILED. 4 passed; 2 failed";
        let (mut count, mut words) = (Count::default(), Words::default());
        text.lines().for_each(|line| {
            words.hear(line);
            count.hear(line);
        });
        (count.words, count.failed_names) = (words.said, words.names);
        assert_eq!(count.failed_names, ["b", "c"]);
        let again = |name: &str| match name {
            "b" => Ok(Count::ONE),
            // One that is not found by its name has not passed.
            _ => Ok(Count::default()),
        };
        let count = count.second_try(again);
        assert_eq!((count.passed, count.failed), (5, 1));
        assert_eq!(count.unsteady, ["---- b stdout ----", "no answer"]);
        assert_eq!(count.words, ["---- c stdout ----", "not so"]);
    }

    #[test]
    fn many_failures_or_failures_without_a_name_are_not_tried_again() {
        let never = |_: &str| -> Result<Count, crate::Fault> { panic!("not run again") };
        let many = Count {
            failed: 4,
            failed_names: ["a", "b", "c", "d"].map(Into::into).into(),
            ..Count::default()
        };
        assert_eq!(many.clone().second_try(never), many);
        let hung = Count { failed: 2, failed_names: vec!["a".into()], ..Count::default() };
        assert_eq!(hung.clone().second_try(never), hung);
    }

    #[test]
    fn results_of_vitest_are_read_through_their_colours() {
        let text = "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[31m1 failed\u{1b}[39m | \u{1b}[32m41 passed\u{1b}[39m (42)";
        assert_eq!(heard(text), (41, 1, 0));
    }

    #[test]
    fn a_test_that_says_skipped_is_counted_as_such() {
        assert_eq!(heard("skipped: no display\n"), (0, 0, 1));
        assert_eq!(heard("..skipped: VIGIL_TEST_CAMERA names no camera\n"), (0, 0, 1));
        assert_eq!(heard("test a_device ... skipped: no camera\n"), (0, 0, 1));
        assert_eq!(heard("two pictures were skipped: both are torn\nwatch: skipped: x\n"), (0, 0, 0));
    }

    #[test]
    fn what_is_said_on_either_stream_counts_and_takes_it_off_the_passed() {
        let said = "echo 'skipped: no camera' >&2; echo 'test result: ok. 3 passed; 0 failed; 0 ignored'";
        let count = super::counted(std::process::Command::new("sh").args(["-c", said])).expect("it ran");
        assert_eq!((count.passed, count.failed, count.skipped), (2, 0, 1));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_test_program_that_hangs_is_ended_and_named_and_the_next_one_runs() {
        let said =
            "printf 'test waits_for_ever ... '; sleep 1000; echo; echo 'test result: ok. 3 passed; 0 failed'";
        let mut command = std::process::Command::new("sh");
        let count = super::counted_within(command.args(["-c", said]), std::time::Duration::from_secs(1));
        let count = count.expect("it ran");
        assert_eq!((count.passed, count.failed, count.words.len()), (3, 1, 1));
        assert!(count.words[0].contains("waits_for_ever"), "{:?}", count.words);
    }
}
