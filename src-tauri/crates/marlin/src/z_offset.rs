//! The nozzle's height: baby steps (M290), and their saving by the firmware's own means, M851 or M206 with M500.
//!
//! M851 is where the nozzle is as seen from the probe: nearer to the bed is less. M206 is what the place of homing is
//! called: nearer to the bed is more. Some firmwares change M851 with each M290 and say so; the others forget their steps
//! when Z is homed.
//!
//! Invariant: steps are never added twice. A value is written only when the printer tells the one that it had before the
//! steps, and stored only when it then tells the one that is wanted.

use crate::facts::Facts;
use crate::number;
use crate::out::Out;
use crate::recipe::num;
use crate::tag::Tag;
use domain::{Able, Tools, ZKeeper, ZOffset, ZSave};
use parser::Command;

/// Further than this no baby step leads, in all, mm.
pub(crate) const MOST_BABY_MM: f64 = 2.0;
/// Firmwares tell hundredths, mm.
const SAME_MM: f64 = 0.006;

/// A save under way.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Saving {
    /// The printer is asked what it has.
    Reading,
    /// A value was written, and the printer is asked for it.
    Checking(ZKeeper, f64),
    /// This value is in force and is to be stored.
    Storing(ZKeeper, f64),
}

/// What is known of the nozzle's height.
#[derive(Debug, Default)]
pub(crate) struct NozzleHeight {
    baby: Able,
    /// Baby steps since the height was known, mm.
    baby_mm: f64,
    /// Z was homed since the last step.
    homed_since: bool,
    /// The firmware adds baby steps to M851; `None`: no step was taken yet.
    in_probe: Option<bool>,
    /// It told M851 since the step that is out was sent.
    step_told: bool,
    /// Z of M851 and of M206, as told last, mm.
    probe_mm: Option<f64>,
    home_mm: Option<f64>,
    /// Z of M851 before the first step, mm.
    base_mm: Option<f64>,
    /// It told arms or towers: a machine whose height is not kept so.
    has_arms: bool,
    saving: Option<Saving>,
    /// The firmware said that it stored.
    stored: bool,
    came_to: ZSave,
}

impl NozzleHeight {
    /// Returns why a step cannot be taken, for people.
    pub(crate) fn refuses(&self, mm: f64) -> Option<String> {
        if self.baby == Able::No {
            return Some("this printer's firmware cannot shift the nozzle while it prints (no M290)".into());
        }
        if self.saving.is_some() {
            return Some("the height is being saved: wait a moment".into());
        }
        let sum = if self.homed_since { mm } else { self.baby_mm + mm };
        let too_far = sum.abs() > MOST_BABY_MM + 1e-6;
        too_far.then(|| format!("that would be more than {MOST_BABY_MM} mm in all: level the bed instead"))
    }

    /// Returns whether the firmware is known not to know baby steps.
    pub(crate) fn has_no_baby_steps(&self) -> bool {
        self.baby == Able::No
    }

    /// A line of ours or of a file was acknowledged.
    pub(crate) fn on_acknowledged(&mut self, command: &Command<'_>) {
        match command.code() {
            ('M', 290) if self.baby != Able::No => {
                if let Some(mm) = command.value('Z').filter(|mm| number::is_sane(*mm)) {
                    self.stepped(mm);
                }
            }
            // Without probe, what was stepped is gone: Z is referred to its switch again.
            ('G', 28) if !command.has_axis() || command.has('Z') => {
                self.homed_since = self.in_probe != Some(true)
            }
            // What was set elsewhere is not known before the printer tells it.
            ('M', 851) if self.saving.is_none() && command.has_axis() => self.probe_mm = None,
            ('M', 206) if self.saving.is_none() && command.has_axis() => self.home_mm = None,
            _ => (),
        }
    }

    fn stepped(&mut self, mm: f64) {
        let told = std::mem::take(&mut self.step_told);
        if std::mem::take(&mut self.homed_since) {
            self.baby_mm = 0.0;
        }
        if self.baby_mm == 0.0 {
            // What it told just now has the step in it already.
            self.base_mm = self.probe_mm.map(|z| if told { z - mm } else { z });
            self.came_to = ZSave::Nothing;
        }
        self.baby = Able::Yes;
        self.in_probe = Some(told || self.in_probe == Some(true));
        // Steps are hundredths; sums of them would show crumbs.
        self.baby_mm = ((self.baby_mm + mm) * 1000.0).round() / 1000.0;
    }

    /// The firmware does not know baby steps.
    pub(crate) fn no_baby_steps(&mut self) {
        self.baby = Able::No;
    }

    /// Takes what a line tells of the height; most lines tell nothing.
    pub(crate) fn on_line(&mut self, line: &str) {
        if let Some(on) = line.strip_prefix("Cap:BABYSTEPPING:") {
            self.baby = if on == "1" { Able::Yes } else { Able::No };
        } else if let Some(z_mm) = probe_told(line) {
            (self.probe_mm, self.step_told) = (Some(z_mm), true);
        } else if line.starts_with("M665") || line.starts_with("M666") {
            self.has_arms = true;
        } else if line.starts_with("M206 ") {
            self.home_mm = word(line, 'Z').or(self.home_mm);
        } else if line.to_ascii_lowercase().starts_with("settings stored") {
            self.stored = true;
        }
    }

    /// A baby step goes out: what the firmware tells of M851 from here on may have it in.
    pub(crate) fn on_sent(&mut self, text: &str) {
        if text.starts_with("M290") {
            self.step_told = false;
        }
    }

    /// Returns why the height cannot be saved on this printer, for people.
    fn cannot_save(&self, facts: &Facts<'_>) -> Option<&'static str> {
        let name = facts.machine.firmware_name().to_ascii_lowercase();
        let capabilities = facts.machine.firmware().map(|firmware| &firmware.capabilities);
        if name.contains("klipper") {
            return Some(
                "Klipper keeps it by Z_OFFSET_APPLY_PROBE or Z_OFFSET_APPLY_ENDSTOP and SAVE_CONFIG, which restarts it: \
                 send them in the terminal when nothing prints",
            );
        }
        if name.contains("prusa") {
            return Some("this printer keeps its height by itself: set \"Live adjust Z\" at its display");
        }
        if !name.contains("marlin") {
            return Some("how this firmware keeps a height is not known: set it at the printer's display");
        }
        if capabilities.and_then(|all| all.get("EEPROM")) == Some(&false) {
            return Some("this printer's firmware stores no settings (it was built without EEPROM)");
        }
        if self.baby == Able::No {
            return Some("this printer's firmware takes no baby steps (no M290)");
        }
        if self.has_arms {
            return Some(
                "on a delta or an arm the height is part of its calibration: set it at the printer's display",
            );
        }
        None
    }

    /// Begins to save.
    ///
    /// # Errors
    /// With the reason, for people.
    pub(crate) fn save(&mut self, facts: &Facts<'_>, out: &mut Out) -> Result<(), String> {
        if let Some(why) = self.cannot_save(facts) {
            return Err(why.into());
        }
        if self.saving.is_some() {
            return Err("it is being saved already".into());
        }
        if self.baby_mm == 0.0 {
            return Err("the nozzle was not shifted, so there is nothing to save".into());
        }
        self.ask(Saving::Reading, out);
        self.came_to = ZSave::UnderWay;
        Ok(())
    }

    /// Asks for all settings: only what is told from here on counts.
    fn ask(&mut self, saving: Saving, out: &mut Out) {
        (self.probe_mm, self.home_mm) = (None, None);
        self.saving = Some(saving);
        out.line("M503", Tag::SaveZ);
    }

    /// A line of a save was acknowledged. Returns whether the place of Z is not to be trusted before it is homed.
    pub(crate) fn on_save_acknowledged(&mut self, facts: &Facts<'_>, out: &mut Out) -> bool {
        let Some(saving) = self.saving else { return false };
        if facts.print.is_some() {
            self.fail("a print was begun meanwhile: save when it has ended");
            return false;
        }
        match saving {
            Saving::Reading => match self.wanted() {
                Ok((keeper, mm, true)) => self.store(keeper, mm, out),
                Ok((keeper, mm, false)) => {
                    let code = if keeper == ZKeeper::Probe { "M851" } else { "M206" };
                    out.line(format!("{code} Z{}", num(mm)), Tag::Side);
                    self.ask(Saving::Checking(keeper, mm), out);
                    return true;
                }
                Err(why) => self.fail(&why),
            },
            Saving::Checking(keeper, mm) => match self.told(keeper) {
                Some(told) if same(told, mm) => self.store(keeper, told, out),
                Some(told) => self.fail(&format!(
                    "the printer did not take {} mm but tells {} mm: nothing was stored",
                    num(mm),
                    num(told)
                )),
                None => self.fail("the printer did not tell the new value: nothing was stored"),
            },
            Saving::Storing(keeper, mm) if self.stored => {
                self.came_to = ZSave::Saved { keeper, mm };
                self.saving = None;
                (self.baby_mm, self.base_mm, self.homed_since) = (0.0, None, false);
            }
            Saving::Storing(..) => self.fail(
                "the printer has the new value but did not say that it stored it: look at its display whether it is \
                 there after it was switched off and on",
            ),
        }
        false
    }

    fn store(&mut self, keeper: ZKeeper, mm: f64, out: &mut Out) {
        self.saving = Some(Saving::Storing(keeper, mm));
        self.stored = false;
        out.line("M500", Tag::SaveZ);
    }

    /// Returns what keeps the height, the value to store, and whether the printer has it in force already.
    fn wanted(&self) -> Result<(ZKeeper, f64, bool), String> {
        let rounded = |mm: f64| (mm * 1000.0).round() / 1000.0;
        if let Some(told) = self.probe_mm {
            let before = self.base_mm.ok_or(
                "the printer had not told its probe offset before the nozzle was shifted, so it is not known whether \
                 the shift is in it: set it at the printer's display",
            )?;
            return if same(told, before + self.baby_mm) {
                Ok((ZKeeper::Probe, told, true))
            } else if same(told, before) && self.in_probe != Some(true) {
                Ok((ZKeeper::Probe, rounded(told + self.baby_mm), false))
            } else {
                Err(format!(
                    "the printer's probe offset is {} mm, which is neither the one from before the shift ({} mm) nor the \
                     shifted one: it was changed elsewhere, so look at the printer's display",
                    num(told),
                    num(before)
                ))
            };
        }
        match self.home_mm {
            // The other way round: the place of homing is called higher, so that nothing lies lower.
            Some(told) => Ok((ZKeeper::Home, rounded(told - self.baby_mm), false)),
            None => Err("the printer tells neither a probe offset (M851) nor a home offset (M206)".into()),
        }
    }

    fn told(&self, keeper: ZKeeper) -> Option<f64> {
        match keeper {
            ZKeeper::Probe => self.probe_mm,
            ZKeeper::Home => self.home_mm,
        }
    }

    fn fail(&mut self, why: &str) {
        self.saving = None;
        self.came_to = ZSave::Failed { why: why.to_owned() };
    }

    /// Returns what is known of it, besides what is known of the rest.
    pub(crate) fn report(&self, facts: &Facts<'_>, rest: Tools) -> Tools {
        let probe = self.probe_mm.map(|mm| (ZKeeper::Probe, mm));
        let told = probe.or(self.home_mm.map(|mm| (ZKeeper::Home, mm)));
        Tools {
            baby: self.baby,
            baby_mm: self.baby_mm,
            z_offset: ZOffset {
                keeper: told.map(|(keeper, _)| keeper),
                told_mm: told.map(|(_, mm)| mm),
                holds: !self.homed_since,
                cannot_save: self.cannot_save(facts).unwrap_or_default().to_owned(),
                save: self.came_to.clone(),
            },
            ..rest
        }
    }
}

fn same(a: f64, b: f64) -> bool {
    (a - b).abs() < SAME_MM
}

/// Returns Z of M851 when a line tells it: as a setting, or behind a baby step.
fn probe_told(line: &str) -> Option<f64> {
    if line.starts_with("M851 ") {
        return word(line, 'Z');
    }
    let lower = line.to_ascii_lowercase();
    let rest = ["probe offset z", "probe z offset"].iter().find_map(|key| lower.strip_prefix(key))?;
    let (value, _) = number::leading(rest.trim_start_matches([':', ' ']))?;
    Some(value)
}

/// Returns the number behind a letter, in words with blanks between them and before a comment.
fn word(line: &str, letter: char) -> Option<f64> {
    let words = line.split(';').next()?.split_ascii_whitespace();
    let value = words.skip(1).find_map(|word| word.strip_prefix(letter)?.parse().ok())?;
    Some(value).filter(|value| number::is_sane(*value))
}
