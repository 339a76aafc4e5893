//! What is loaded, and what the print under way uses of each spool.
//!
//! A print has parts: one for each spool that a tool used, with the whole of what it used. Each is written whole, so that it
//! counts once, however often it is written and whatever ends the print. What was used is what the printer has taken,
//! by the flow that is set. A change of filament begins a part; whose it is a person may say at any time later.

use crate::out::Out;
use domain::{
    CardUse, JobReport, LoadedSpool, Millis, Now, Print, PrintId, PrinterId, SpoolId, SpoolUse, ToolUse,
    Write, total_mm,
};
use std::collections::BTreeMap;

/// What was used is written as often while it grows: so much is lost at most when the app is killed.
const WRITE_EVERY_MS: Millis = 5_000;
/// It has grown by this, mm, or it need not be written.
const WRITE_MM: f64 = 1.0;
/// Parts of one print at most; what comes behind counts to the last of its tool.
const MOST_PARTS: usize = 64;

/// The spools of one printer.
#[derive(Debug)]
pub(crate) struct Spools {
    printer: PrinterId,
    /// By tool.
    loaded: BTreeMap<u8, SpoolId>,
    metered: Option<Metered>,
    /// The filament of this tool was changed, and nobody has said yet which spool is in.
    asked: Option<u8>,
}

/// What a print used; the last one, too, until the next begins.
#[derive(Debug)]
struct Metered {
    print: PrintId,
    parts: Vec<SpoolUse>,
    /// Of each tool, mm by the file: what was counted already.
    seen: BTreeMap<u8, f64>,
    /// The tool that pushed last.
    last_tool: u8,
    written: Option<(Millis, f64)>,
    over: bool,
}

impl Metered {
    fn new(print: PrintId, parts: Vec<SpoolUse>) -> Self {
        let mut seen = BTreeMap::new();
        for part in &parts {
            *seen.entry(part.tool).or_default() += part.used_mm;
        }
        let last_tool = parts.last().map_or(0, |part| part.tool);
        Self { print, parts, seen, last_tool, written: None, over: false }
    }

    /// Returns the part that a tool uses now.
    fn part(&mut self, tool: u8) -> Option<&mut SpoolUse> {
        self.parts.iter_mut().rev().find(|part| part.tool == tool)
    }

    /// From here on the tool uses this spool. `anew`: also when it is the same.
    fn begin_part(&mut self, tool: u8, spool: Option<SpoolId>, anew: bool) {
        let full = self.parts.len() >= MOST_PARTS;
        let part = u32::try_from(self.parts.len()).unwrap_or(u32::MAX);
        match self.part(tool) {
            Some(last) if last.used_mm == 0.0 || full => last.spool = spool,
            Some(last) if last.spool == spool && !anew => (),
            Some(_) => self.parts.push(SpoolUse { part, tool, spool, used_mm: 0.0, about: false }),
            // Its first part begins when it pushes something.
            None => (),
        }
    }

    /// Takes what a tool has pushed in all, by the file.
    fn take(&mut self, used: ToolUse, flow: f64, spool: Option<SpoolId>) {
        let Some(mm) = used.sane_mm() else { return };
        let seen = self.seen.entry(used.tool).or_default();
        let pushed = mm - *seen;
        if pushed <= 0.0 {
            return;
        }
        *seen = mm;
        self.last_tool = used.tool;
        let pushed = pushed * flow;
        if let Some(part) = self.part(used.tool) {
            part.used_mm += pushed;
        } else if self.parts.len() < MOST_PARTS {
            let part = u32::try_from(self.parts.len()).unwrap_or(u32::MAX);
            self.parts.push(SpoolUse { part, tool: used.tool, spool, used_mm: pushed, about: false });
        }
    }

    fn write(&mut self, now_ms: Millis, out: &mut Out) {
        self.written = Some((now_ms, total_mm(&self.parts)));
        if !self.parts.is_empty() {
            out.record(Write::SpoolUse(self.print, self.parts.clone()));
        }
    }
}

impl Spools {
    pub(crate) fn new(printer: PrinterId, loaded: &[LoadedSpool]) -> Self {
        let loaded = loaded.iter().map(|loaded| (loaded.tool, loaded.spool)).collect();
        Self { printer, loaded, metered: None, asked: None }
    }

    pub(crate) fn loaded(&self) -> Vec<LoadedSpool> {
        self.loaded.iter().map(|(tool, spool)| LoadedSpool { tool: *tool, spool: *spool }).collect()
    }

    /// Returns the tool whose filament was changed without a word on the spool that is in.
    pub(crate) fn asked(&self) -> Option<u8> {
        self.asked
    }

    fn record(&self, out: &mut Out) {
        out.record(Write::LoadedSpools(self.printer, self.loaded()));
    }

    /// A print begins.
    pub(crate) fn print_begins(&mut self, print: PrintId) {
        self.metered = Some(Metered::new(print, Vec::new()));
        self.asked = None;
    }

    /// A print that went on without the app is met again. `parts`: what was written of it.
    pub(crate) fn take_up(&mut self, print: PrintId, parts: Vec<SpoolUse>) {
        self.metered = Some(Metered::new(print, parts));
    }

    /// Takes in how far the print is. `flow`: percent, as far as it is known.
    pub(crate) fn on_job(&mut self, job: &JobReport, flow: Option<u16>, now: Now, out: &mut Out) {
        let Some(metered) =
            self.metered.as_mut().filter(|metered| metered.print == job.print && !metered.over)
        else {
            return;
        };
        let flow = flow.map_or(1.0, |percent| f64::from(percent) / 100.0);
        for used in &job.used {
            metered.take(*used, flow, self.loaded.get(&used.tool).copied());
        }
        let total = total_mm(&metered.parts);
        let due = metered.written.is_none_or(|(at, mm)| {
            total - mm >= WRITE_MM && now.mono_ms.saturating_sub(at) >= WRITE_EVERY_MS
        });
        if due && total > 0.0 {
            metered.write(now.mono_ms, out);
        }
    }

    /// The filament is changed: what comes now may be of another spool.
    pub(crate) fn on_filament_change(&mut self) {
        let Some(metered) = self.metered.as_mut().filter(|metered| !metered.over) else { return };
        let tool = metered.last_tool;
        metered.begin_part(tool, self.loaded.get(&tool).copied(), true);
        self.asked = Some(tool);
    }

    /// A person says which spool is on a tool.
    pub(crate) fn load(&mut self, tool: u8, spool: Option<SpoolId>, now: Now, out: &mut Out) {
        match spool {
            Some(spool) => {
                // A spool is in one place.
                self.loaded.retain(|other, there| *other == tool || *there != spool);
                self.loaded.insert(tool, spool);
            }
            None => drop(self.loaded.remove(&tool)),
        }
        let answers = self.asked == Some(tool);
        if answers {
            self.asked = None;
        }
        // The spool first: what was used names it.
        self.record(out);
        // What a past print used changes only by the answer that is still missing.
        if let Some(metered) = self.metered.as_mut().filter(|metered| answers || !metered.over) {
            match metered.part(tool) {
                // What was pushed since the change was of this one.
                Some(part) if answers => part.spool = spool,
                Some(_) | None => metered.begin_part(tool, spool, false),
            }
            metered.write(now.mono_ms, out);
        }
    }

    /// The spool was loaded on another printer. Returns whether it was here.
    pub(crate) fn take_off(&mut self, spool: SpoolId, out: &mut Out) -> bool {
        let before = self.loaded.len();
        self.loaded.retain(|_, there| *there != spool);
        let was_here = self.loaded.len() < before;
        if was_here {
            if let Some(metered) = self.metered.as_mut().filter(|metered| !metered.over) {
                let tools: Vec<u8> = metered.parts.iter().map(|part| part.tool).collect();
                for tool in tools.into_iter().filter(|tool| !self.loaded.contains_key(tool)) {
                    metered.begin_part(tool, None, false);
                }
            }
            self.record(out);
        }
        was_here
    }

    /// Returns what is known of a print from the printer's card, which tells of no filament.
    pub(crate) fn of_card(&self, job: Option<&JobReport>) -> Option<CardUse> {
        let job = job.filter(|job| job.on_card && job.used.is_empty() && job.file_bytes > 0)?;
        Some(CardUse {
            print: job.print,
            name: job.name.clone(),
            file_bytes: job.file_bytes,
            share: job.filepos as f64 / job.file_bytes as f64,
            spool: self.loaded.get(&0).copied(),
        })
    }

    /// A print has ended, however it did: all that it used is written. `card`: what it was on the printer's card.
    pub(crate) fn print_over(&mut self, print: PrintId, card: Option<CardUse>, now: Now, out: &mut Out) {
        if let Some(card) = card {
            out.record(Write::CardUse(Box::new(card)));
        }
        if let Some(metered) = self.metered.as_mut().filter(|metered| metered.print == print) {
            metered.write(now.mono_ms, out);
            metered.over = true;
        }
    }

    /// The app ended in the middle of a print: the last seconds of what was used were not written.
    pub(crate) fn cut_short(&mut self, print: &mut Print, parts: Vec<SpoolUse>, now: Now, out: &mut Out) {
        if parts.is_empty() {
            return;
        }
        print.filament_used = print.filament_used.or(Some(total_mm(&parts)));
        let parts = parts.into_iter().map(|part| SpoolUse { about: true, ..part }).collect();
        let mut metered = Metered::new(print.id, parts);
        metered.write(now.mono_ms, out);
        metered.over = true;
        self.metered = Some(metered);
    }
}
