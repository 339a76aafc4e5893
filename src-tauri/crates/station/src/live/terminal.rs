//! The last lines on each printer's wire, for the terminal.

use domain::{PrinterId, Traffic};
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};

/// Lines kept for each printer …
const KEPT: usize = 100_000;
/// … and bytes, for lines may be long: a hundred thousand usual ones fit.
const KEPT_BYTES: usize = 16 * 1024 * 1024;
/// What a line takes beside its text, about.
const LINE_BYTES: usize = 64;
/// Lines handed out at once.
const MOST: usize = 5_000;

/// One line, numbered since the core began.
#[derive(Debug, Clone, PartialEq, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct TerminalLine {
    /// Rises by one with each line.
    pub seq: u64,
    /// Unix seconds on the printer's clock.
    pub t: f64,
    /// The line.
    #[serde(flatten)]
    pub line: Traffic,
}

/// Some lines, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct TerminalPage {
    /// The lines.
    pub lines: Vec<TerminalLine>,
    /// Ask for what comes after this.
    pub next: u64,
    /// More lines wait.
    pub more: bool,
    /// Lines before these are gone.
    pub missed: bool,
}

/// All printers' lines.
#[derive(Debug, Default)]
pub(crate) struct Terminals {
    rings: BTreeMap<PrinterId, Ring>,
}

#[derive(Debug, Default)]
struct Ring {
    /// Number of the first line kept, from 1.
    first: u64,
    bytes: usize,
    lines: VecDeque<(f64, Traffic)>,
}

impl Terminals {
    pub(crate) fn take(&mut self, printer: PrinterId, t: f64, mut line: Traffic) {
        let ring = self.rings.entry(printer).or_insert_with(|| Ring { first: 1, ..Ring::default() });
        line.text.shrink_to_fit();
        ring.bytes += size(&line);
        while ring.lines.len() == KEPT || ring.bytes > KEPT_BYTES {
            let Some((_, oldest)) = ring.lines.pop_front() else { break };
            ring.bytes -= size(&oldest);
            ring.first += 1;
        }
        ring.lines.push_back((t, line));
    }

    /// Returns lines after number `after`; 0 begins with the newest `most` ones.
    pub(crate) fn after(&self, printer: PrinterId, after: u64, most: usize) -> TerminalPage {
        let Some(ring) = self.rings.get(&printer) else { return TerminalPage::default() };
        let most = most.clamp(1, MOST);
        // One past the last line.
        let end = ring.first + ring.lines.len() as u64;
        // The next line wanted; a number from before this core began is as good as none.
        let wanted = after.checked_add(1).filter(|wanted| after != 0 && *wanted <= end);
        if wanted == Some(end) {
            return TerminalPage { next: after, ..TerminalPage::default() };
        }
        let from = wanted.unwrap_or(end.saturating_sub(most as u64)).max(ring.first);
        let skip = (from - ring.first) as usize;
        let lines: Vec<TerminalLine> = ring
            .lines
            .iter()
            .skip(skip)
            .take(most)
            .zip(from..)
            .map(|((t, line), seq)| TerminalLine { seq, t: *t, line: line.clone() })
            .collect();
        // A ring exists from its first line on.
        let next = lines.last().map_or(end - 1, |line| line.seq);
        TerminalPage { more: next + 1 < end, missed: wanted.is_some_and(|wanted| from > wanted), next, lines }
    }

    pub(crate) fn forget(&mut self, printer: PrinterId) {
        self.rings.remove(&printer);
    }
}

fn size(line: &Traffic) -> usize {
    line.text.len() + LINE_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::TrafficDirection;

    const ID: PrinterId = PrinterId(1);

    fn filled(count: usize) -> Terminals {
        let mut all = Terminals::default();
        for n in 1..=count {
            let line = Traffic { direction: TrafficDirection::Sent, text: n.to_string() };
            all.take(ID, n as f64, line);
        }
        all
    }

    fn texts(page: &TerminalPage) -> Vec<&str> {
        page.lines.iter().map(|line| line.line.text.as_str()).collect()
    }

    #[test]
    fn each_line_is_handed_out_once_and_in_order() {
        let all = filled(10);
        let first = all.after(ID, 0, 3);
        assert_eq!((texts(&first), first.next, first.more), (vec!["8", "9", "10"], 10, false));
        let old = all.after(ID, 4, 3);
        assert_eq!((texts(&old), old.next, old.more, old.missed), (vec!["5", "6", "7"], 7, true, false));
        assert_eq!(all.after(ID, 10, 3), TerminalPage { next: 10, ..TerminalPage::default() });
        assert_eq!(all.after(ID, 4711, 3).next, 10, "a number of another life begins anew");
        assert_eq!(all.after(PrinterId(2), 0, 3), TerminalPage::default());
    }

    #[test]
    fn any_number_is_answered() {
        let all = filled(10);
        for after in [0, 1, 9, 10, 11, u64::MAX - 1, u64::MAX] {
            for most in [0, 1, MOST, usize::MAX] {
                let page = all.after(ID, after, most);
                assert!((1..=10).contains(&page.next) && !page.missed, "{after} {most}: {page:?}");
            }
        }
        let fresh = all.after(ID, u64::MAX, 3);
        assert_eq!((texts(&fresh), fresh.next), (vec!["8", "9", "10"], 10));
    }

    #[test]
    fn memory_is_bounded_and_what_is_gone_is_said_to_be() {
        let all = filled(KEPT + 5);
        let page = all.after(ID, 2, usize::MAX);
        assert_eq!((page.lines.len(), page.lines[0].seq, page.missed, page.more), (MOST, 6, true, true));
        assert!(!all.after(ID, 5, 10).missed);
        // Long lines are fewer.
        let mut long = Terminals::default();
        for _ in 0..2 * KEPT_BYTES / 4_096 {
            long.take(ID, 0.0, Traffic { direction: TrafficDirection::Received, text: "x".repeat(4_096) });
        }
        let kept = &long.rings[&ID];
        let counted: usize = kept.lines.iter().map(|(_, line)| size(line)).sum();
        assert!(counted == kept.bytes && counted <= KEPT_BYTES, "{counted} of {KEPT_BYTES} bytes");
        assert!(kept.lines.len() > 4_000 && kept.first > 4_000, "{} lines", kept.lines.len());
    }
}
