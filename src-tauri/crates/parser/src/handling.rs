//! What the host does with a command of a file instead of sending it.

use crate::parse::{Command, HOST, MAX_TEXT, NAMED, UNKNOWN};

/// What becomes of a command of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handling {
    /// It is sent.
    Send,
    /// The print is paused here: the firmware would wait for its knob, where nobody can answer, or does not know the word.
    Pause,
    /// A wait of so many milliseconds (`M0 S2`), sent as `G4`: many firmwares are built without M0.
    Dwell(u32),
    /// It is not sent.
    LeaveOut(LeftOut),
}

/// Why a command of a file is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOut {
    /// It would change the numbers of lines.
    LineNumbers,
    /// It stops the printer, or breaks off a wait.
    Emergency,
    /// It works with the printer's card.
    Card,
    /// It changes the link, the firmware, or the reports that the app asks for.
    Link,
    /// It goes on with a print that was paused or lost.
    Resume,
    /// It is meant for another print program.
    HostWord,
    /// The printer would repeat a text that reads like an answer of its own.
    Answer,
    /// It is no command.
    Unknown,
    /// It names parts of the print, and does not fit into the printer's buffer.
    TooLong,
}

impl LeftOut {
    /// Returns the reason, for people.
    pub fn why(self) -> &'static str {
        match self {
            Self::LineNumbers => "the app numbers the lines itself",
            Self::Emergency => "only a person stops the printer",
            Self::Card => "it works with the printer's card, and the print comes over USB",
            Self::Link => "it would change the connection or the printer's firmware",
            Self::Resume => "the app itself goes on with a print",
            Self::HostWord => "it is meant for another print program",
            Self::Answer => "the printer would repeat it, and it reads like an answer of the printer",
            Self::Unknown => "it is no command",
            Self::TooLong => "it is too long for the printer, and the print does not need it",
        }
    }
}

impl Command<'_> {
    /// Returns what becomes of this command when it stands in a file that is printed.
    pub fn handling(&self) -> Handling {
        use Handling::{LeaveOut, Pause, Send};
        let (letter, number) = self.code();
        match (letter, number) {
            // By far the most.
            ('G', _) => Send,
            ('M', 0 | 1) => self.wait().map_or(Pause, Handling::Dwell),
            ('M', 25 | 601) => Pause,
            // With a pin, it is a wait of the firmware's own.
            ('M', 226) => {
                if self.has('P') {
                    Send
                } else {
                    Pause
                }
            }
            ('M', 110) => LeaveOut(LeftOut::LineNumbers),
            ('M', 108 | 112 | 410 | 876 | 999) => LeaveOut(LeftOut::Emergency),
            ('M', 20..=24 | 26..=30 | 32 | 33 | 524 | 928) => LeaveOut(LeftOut::Card),
            ('M', 111 | 113 | 154 | 155 | 575 | 997) => LeaveOut(LeftOut::Link),
            ('M', 602 | 1000) => LeaveOut(LeftOut::Resume),
            ('M', 118) if self.reads_like_an_answer() => LeaveOut(LeftOut::Answer),
            (HOST, _) => match self.name().to_ascii_lowercase().as_str() {
                // Whether to go on is for a person to say.
                "pause" | "cancel" | "abort" => Pause,
                _ => LeaveOut(LeftOut::HostWord),
            },
            (NAMED, _) if self.name().eq_ignore_ascii_case("PAUSE") => Pause,
            // Outlines of parts for cancelling one of them: without them, the print is the same.
            (NAMED, _) if self.bytes().len() > MAX_TEXT && self.name().starts_with("EXCLUDE_OBJECT") => {
                LeaveOut(LeftOut::TooLong)
            }
            (UNKNOWN, _) => self.unknown(),
            _ => Send,
        }
    }

    /// Returns how long an M0 or M1 waits, milliseconds; `None` where it waits for a person. The time stands before the
    /// words for people, in which an `S` may be anything.
    fn wait(&self) -> Option<u32> {
        let (letter, rest) = self.arguments().split_first()?;
        let value = crate::number(rest.trim_ascii_start())?;
        let millis = match letter {
            b'S' | b's' => value * 1000.0,
            b'P' | b'p' => value,
            _ => return None,
        };
        // A day is as long as no end.
        (1.0..=86_400_000.0).contains(&millis).then_some(millis as u32)
    }

    fn unknown(&self) -> Handling {
        match self.bytes() {
            // Marlin's words in real time: hold, stop, report.
            [b'S' | b'P' | b'R' | b's' | b'p' | b'r', b'0', b'0', b'0', ..] => {
                Handling::LeaveOut(LeftOut::Emergency)
            }
            // Firmwares with modes take an axis without a command.
            [first, ..] if first.is_ascii_alphabetic() => Handling::Send,
            _ => Handling::LeaveOut(LeftOut::Unknown),
        }
    }

    /// M118 makes the printer say a text.
    fn reads_like_an_answer(&self) -> bool {
        const ANSWERS: [&[u8]; 11] = [
            b"ok",
            b"resend",
            b"rs ",
            b"error",
            b"start",
            b"!!",
            b"fatal",
            b"wait",
            b"busy",
            b"echo:busy",
            b"t:",
        ];
        let text = self.arguments().trim_ascii_start();
        let starts =
            |answer: &&[u8]| text.get(..answer.len()).is_some_and(|t| t.eq_ignore_ascii_case(answer));
        ANSWERS.iter().any(starts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_is_handled_however_it_is_spelt() {
        use Handling::{Dwell, LeaveOut, Pause, Send};
        let table = [
            ("M0", Pause),
            ("M00", Pause),
            ("m1 Click", Pause),
            ("M1Click", Pause),
            ("M0 Load ABS230 and P5 screws", Pause),
            ("M0 Load ABS230", Pause),
            ("M0 S2", Dwell(2000)),
            ("M0S1", Dwell(1000)),
            ("M 0 P 500", Dwell(500)),
            ("M0 S0", Pause),
            ("M0 S-1", Pause),
            ("M0 S99999999", Pause),
            ("M25", Pause),
            ("M25P1", Pause),
            ("M601", Pause),
            ("M226", Pause),
            ("M226 P3 S1", Send),
            ("PAUSE", Pause),
            ("@pause", Pause),
            ("@PAUSE in layer 3", Pause),
            (";@pause", Pause),
            ("@resume", LeaveOut(LeftOut::HostWord)),
            ("@BEDLEVELVISUALIZER", LeaveOut(LeftOut::HostWord)),
            ("M110 N5", LeaveOut(LeftOut::LineNumbers)),
            ("M 110 N7", LeaveOut(LeftOut::LineNumbers)),
            ("M0110 N9", LeaveOut(LeftOut::LineNumbers)),
            ("N5 M112", LeaveOut(LeftOut::Emergency)),
            ("N1 N2 M112", LeaveOut(LeftOut::Emergency)),
            ("M112X", LeaveOut(LeftOut::Emergency)),
            ("M 112", LeaveOut(LeftOut::Emergency)),
            ("M\t112", LeaveOut(LeftOut::Emergency)),
            ("M0112", LeaveOut(LeftOut::Emergency)),
            ("M112.0", LeaveOut(LeftOut::Emergency)),
            ("M112*37", LeaveOut(LeftOut::Emergency)),
            ("(now) m112", LeaveOut(LeftOut::Emergency)),
            ("M65648", LeaveOut(LeftOut::Emergency)),
            ("M108X", LeaveOut(LeftOut::Emergency)),
            ("M410S0", LeaveOut(LeftOut::Emergency)),
            ("M999S1", LeaveOut(LeftOut::Emergency)),
            ("P000", LeaveOut(LeftOut::Emergency)),
            ("M28a.gco", LeaveOut(LeftOut::Card)),
            ("M23 /a/path", LeaveOut(LeftOut::Card)),
            ("M29X", LeaveOut(LeftOut::Card)),
            ("M928 log.txt", LeaveOut(LeftOut::Card)),
            ("M524X", LeaveOut(LeftOut::Card)),
            ("M155S1", LeaveOut(LeftOut::Link)),
            ("M997", LeaveOut(LeftOut::Link)),
            ("M1000", LeaveOut(LeftOut::Resume)),
            ("M118 ok", LeaveOut(LeftOut::Answer)),
            ("M118 Resend: 5", LeaveOut(LeftOut::Answer)),
            ("M118 hello", Send),
            ("%", LeaveOut(LeftOut::Unknown)),
            ("/G1 X1", LeaveOut(LeftOut::Unknown)),
            ("M117 M112", Send),
            ("M1120", Send),
            ("G112", Send),
            ("M104 S0", Send),
            ("PRINT_START BED=60", Send),
            ("T0", Send),
            ("X10 Y5", Send),
        ];
        for (line, want) in table {
            assert_eq!(Command::of(line).map(|c| c.handling()), Some(want), "{line}");
        }
        let polygon = format!("EXCLUDE_OBJECT_DEFINE NAME=a POLYGON=[{}]", "[1,2],".repeat(40));
        assert_eq!(Command::of(&polygon).map(|c| c.handling()), Some(LeaveOut(LeftOut::TooLong)));
    }
}
