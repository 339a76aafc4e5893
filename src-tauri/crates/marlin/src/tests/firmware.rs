//! A reference firmware: takes lines as Marlin does, answers at once, and notes what it executed.

#[path = "card.rs"]
pub(crate) mod card;
#[path = "stored.rs"]
pub(crate) mod stored;

/// Which Marlin answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Make {
    /// 1.1: an unnumbered line with a checksum is an error without `Resend`, a repeated line an error.
    One,
    /// 2.1: the former is executed, the latter dropped without a word.
    Two,
}

/// A reference firmware.
#[derive(Debug)]
pub(crate) struct Firmware {
    pub(crate) make: Make,
    partial: Vec<u8>,
    last: i64,
    /// Executed commands, in order.
    pub(crate) done: Vec<String>,
    /// Commands that begin so are executed, but their `ok` waits for `release`.
    pub(crate) slow: Option<&'static str>,
    /// Lines that wait behind a slow one.
    queue: Vec<String>,
    held: bool,
    pub(crate) caps: Vec<&'static str>,
    /// Actual and target of hotend and bed.
    pub(crate) hotend: (f64, f64),
    pub(crate) bed: (f64, f64),
    /// A heater that takes no target.
    pub(crate) deaf_heater: bool,
    /// How a line is asked for again, `#` its number and `%` the one before.
    pub(crate) asks_so: Option<&'static str>,
    /// Said before the `ok` of each move.
    pub(crate) complains: Option<&'static str>,
    /// A line that contains this is refused for ever.
    pub(crate) never_takes: Option<&'static str>,
    /// What it says of its hotend is no number.
    pub(crate) garbled_heater: bool,
    /// As M115 tells it.
    pub(crate) name: &'static str,
    /// A Klipper that is starting.
    pub(crate) not_ready: bool,
    /// Says nothing to M110.
    pub(crate) mute_hello: bool,
    /// Heats nothing though it says `ok`.
    pub(crate) stays_cold: bool,
    /// Answers M105 and M114 with a bare `ok`.
    pub(crate) tells_nothing: bool,
    /// Acknowledges moves, retractions and heat, and does none of it.
    pub(crate) does_nothing: bool,
    /// Refuses to move before it was homed.
    pub(crate) homes_first: bool,
    pub(crate) homed: bool,
    /// A second hotend; M105 tells the active one only.
    pub(crate) second: Option<(f64, f64)>,
    tool: usize,
    /// Says `ok` first, and then what was asked for.
    pub(crate) ok_first: bool,
    pub(crate) at: [f64; 4],
    relative: (bool, bool),
    /// Speed and flow, percent, as it tells them when asked; `None`: it tells nothing.
    pub(crate) dials: Option<(u16, u16)>,
    /// The settings that it tells and stores, if any.
    pub(crate) stored: Option<stored::Stored>,
    /// The card, if it has a reader.
    pub(crate) card: Option<card::CardSim>,
}

impl Firmware {
    pub(crate) fn new(make: Make) -> Self {
        Self {
            make,
            partial: Vec::new(),
            last: 0,
            done: Vec::new(),
            slow: None,
            queue: Vec::new(),
            held: false,
            caps: Vec::new(),
            hotend: (20.0, 0.0),
            bed: (20.0, 0.0),
            deaf_heater: false,
            asks_so: None,
            complains: None,
            never_takes: None,
            name: "Marlin 2.1.2",
            garbled_heater: false,
            not_ready: false,
            mute_hello: false,
            stays_cold: false,
            tells_nothing: false,
            does_nothing: false,
            homes_first: false,
            homed: false,
            second: None,
            tool: 0,
            ok_first: false,
            at: [0.0; 4],
            relative: (false, false),
            dials: None,
            stored: None,
            card: None,
        }
    }

    /// Power on, or a reset.
    pub(crate) fn boot(&mut self) -> Vec<String> {
        let card = self.card.take().map(card::CardSim::rebooted);
        let stored = self.stored.take();
        let fresh = Self { card, stored, caps: self.caps.clone(), slow: self.slow, ..Self::new(self.make) };
        let done = std::mem::take(&mut self.done);
        *self = Self { done, ..fresh };
        ["start", "echo:Marlin 2.1"].map(str::to_owned).to_vec()
    }

    /// Counts on from a line that another host sent.
    #[allow(dead_code)]
    pub(crate) fn count_from(&mut self, last: i64) {
        self.last = last;
    }

    /// Takes bytes, answers in lines.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut out = Vec::new();
        for byte in bytes {
            if !matches!(byte, b'\n' | b'\r') {
                self.partial.push(*byte);
                continue;
            }
            let line: String = self.partial.drain(..).map(char::from).collect();
            let line = line.split(';').next().unwrap_or_default().trim().to_owned();
            if !line.is_empty() {
                self.line(&line, &mut out);
            }
        }
        out
    }

    fn line(&mut self, line: &str, out: &mut Vec<String>) {
        if self.never_takes.is_some_and(|text| line.contains(text)) {
            return self.bad("checksum mismatch", out);
        }
        let star = line.rfind('*');
        let text = match line.strip_prefix('N') {
            Some(rest) => {
                let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                let n: i64 = rest[..digits].parse().unwrap_or(0);
                let Some(star) = star else { return self.bad("No Checksum with line number", out) };
                let sum = line[..star].chars().fold(0, |sum, c| sum ^ c as u8);
                let stated = &line[star + 1..];
                let stated = &stated[..stated.find(|c: char| !c.is_ascii_digit()).unwrap_or(stated.len())];
                if stated.parse() != Ok(sum) {
                    return self.bad("checksum mismatch", out);
                }
                let text = line[1 + digits..star].trim().to_owned();
                if text.starts_with("M110") {
                    self.last = n;
                } else if n != self.last + 1 {
                    if self.make == Make::Two && (n == self.last || n == self.last - 1) {
                        return;
                    }
                    return self.bad("Line Number is not Last Line Number+1", out);
                }
                self.last = n;
                text
            }
            None if star.is_some() && self.make == Make::One => {
                return out.push(format!("Error:No Line Number with checksum, Last Line: {}", self.last));
            }
            None => line.to_owned(),
        };
        self.queue.push(text);
        self.work(out);
    }

    fn bad(&mut self, what: &str, out: &mut Vec<String>) {
        if let Some(form) = self.asks_so {
            let (wanted, last) = ((self.last + 1).to_string(), self.last.to_string());
            return out.extend(form.replace('#', &wanted).replace('%', &last).lines().map(str::to_owned));
        }
        out.push(format!("Error:{what}, Last Line: {}", self.last));
        out.push(format!("Resend: {}", self.last + 1));
        out.push("ok".into());
    }

    fn work(&mut self, out: &mut Vec<String>) {
        while !self.held && !self.queue.is_empty() {
            let text = self.queue.remove(0);
            if self.ok_first {
                out.push("ok".into());
                self.execute(&text, out);
                if let Some(heaters) =
                    out.last_mut().and_then(|last| last.strip_prefix("ok ").map(str::to_owned))
                {
                    out.pop();
                    out.push(heaters);
                }
                continue;
            }
            self.execute(&text, out);
            if self.slow.is_some_and(|slow| text.starts_with(slow)) {
                self.held = true;
            } else if !text.starts_with("M105") && (!self.mute_hello || !text.starts_with("M110")) {
                out.push("ok".into());
            }
        }
    }

    /// The slow command has ended.
    pub(crate) fn release(&mut self) -> Vec<String> {
        let mut out = vec!["ok".to_owned()];
        (self.held, self.slow) = (false, None);
        self.work(&mut out);
        out
    }

    /// The line that M105 and autoreports carry.
    pub(crate) fn heaters(&self) -> String {
        let (h, b) = (self.second.filter(|_| self.tool == 1).unwrap_or(self.hotend), self.bed);
        if self.garbled_heater {
            return format!(" T:nan /{:.2} B:{:.2} /{:.2} @:0 B@:0", h.1, b.0, b.1);
        }
        format!(" T:{:.2} /{:.2} B:{:.2} /{:.2} @:0 B@:0", h.0, h.1, b.0, b.1)
    }

    fn execute(&mut self, text: &str, out: &mut Vec<String>) {
        let number = |letter: char| {
            let word = text.split(' ').skip(1).find_map(|w| w.strip_prefix(letter));
            word.and_then(|v| v.parse::<f64>().ok())
        };
        let s = number('S').filter(|_| !self.deaf_heater);
        if self.card.as_mut().is_some_and(|card| card.take(text, out)) {
            return self.done.push(text.to_owned());
        }
        if self.stored.as_mut().is_some_and(|stored| stored.take(text, out)) {
            return self.done.push(text.to_owned());
        }
        let always = ["M105", "M110", "M115"].iter().any(|code| text.starts_with(code));
        if self.not_ready && !always {
            out.push("// Printer is not ready".into());
            return out.push("!! Printer is not ready".into());
        }
        if self.does_nothing && !text.starts_with("M1") {
            return self.done.push(text.to_owned());
        }
        match text.split(' ').next().unwrap_or_default() {
            "M105" if self.tells_nothing => out.push("ok".into()),
            "M114" if self.tells_nothing => (),
            "G28" => self.homed = true,
            "T0" => self.tool = 0,
            "T1" => self.tool = 1,
            "G0" | "G1" if self.homes_first && !self.homed => {
                return out.push("echo:Home XYZ first".into());
            }
            "M105" => out.push(format!("ok{}", self.heaters())),
            "M114" => {
                let [x, y, z, e] = self.at;
                out.push(format!("X:{x:.2} Y:{y:.2} Z:{z:.2} E:{e:.2} Count X:0 Y:0 Z:0"));
            }
            "M115" => {
                let tools = 1 + usize::from(self.second.is_some());
                out.push(format!("FIRMWARE_NAME:{} (x) MACHINE_TYPE:Test EXTRUDER_COUNT:{tools}", self.name));
                out.extend(self.caps.iter().map(|cap| format!("Cap:{cap}:1")));
            }
            "M104" => {
                let tool = number('T').map_or(self.tool, |n| n as usize);
                match self.second.as_mut().filter(|_| tool == 1) {
                    Some(second) => second.1 = s.unwrap_or(second.1),
                    None => self.hotend.1 = s.unwrap_or(self.hotend.1),
                }
            }
            "M140" => self.bed.1 = s.unwrap_or(self.bed.1),
            "M109" => {
                self.hotend.1 = s.unwrap_or(self.hotend.1);
                self.hotend.0 = if self.stays_cold { 90.0 } else { self.hotend.1 };
            }
            "M190" => {
                self.bed.1 = s.unwrap_or(self.bed.1);
                self.bed.0 = self.bed.1;
            }
            "M220" | "M221" => {
                if let Some((speed, flow)) = &mut self.dials {
                    let is_speed = text.starts_with("M220");
                    let dial = if is_speed { speed } else { flow };
                    match s {
                        Some(percent) => *dial = percent as u16,
                        None if is_speed => out.push(format!("FR:{dial}%")),
                        None => out.push(format!("echo:E0 Flow: {dial}%")),
                    }
                }
            }
            "G90" => self.relative = (false, false),
            "G91" => self.relative = (true, true),
            "M82" => self.relative.1 = false,
            "M83" => self.relative.1 = true,
            "G1" if self.complains.is_some() => out.extend(self.complains.map(str::to_owned)),
            "G0" | "G1" | "G92" => {
                let set = text.starts_with("G92");
                for (i, letter) in ['X', 'Y', 'Z', 'E'].into_iter().enumerate() {
                    let relative = if i == 3 { self.relative.1 } else { self.relative.0 };
                    let from = if relative && !set { self.at[i] } else { 0.0 };
                    self.at[i] = number(letter).map_or(self.at[i], |v| from + v);
                }
            }
            _ => (),
        }
        self.done.push(text.to_owned());
    }
}
