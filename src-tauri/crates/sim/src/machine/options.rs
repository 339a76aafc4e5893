//! What kind of printer is played, and what goes wrong with it.

use domain::Millis;

/// The grain of simulated time.
pub(super) const STEP_MS: Millis = 10;

/// What the firmware does with bytes behind a bad line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadLine {
    /// Drops what came together with it and asks once, as 8-bit boards do.
    Flush,
    /// Keeps it, and so complains about each line behind it too, as Marlin 2.1 on a fast link does.
    KeepGoing,
}

/// What DTR does to the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Board {
    /// A serial chip of its own: opening the port or a DTR pulse restarts the firmware.
    ResetsOnDtr,
    /// USB in the processor: the firmware keeps running, whatever DTR does.
    NativeUsb,
}

/// The simulated printer's settings.
#[derive(Debug, Clone, PartialEq)]
pub struct SimOptions {
    /// How it behaves behind a bad line.
    pub bad_line: BadLine,
    /// Whether DTR restarts it.
    pub board: Board,
    /// Receive buffer in bytes; what comes on top of it is lost.
    pub rx_bytes: usize,
    /// `M108`, `M112`, `M410` and `M876` are obeyed at reception, ahead of the queue.
    pub emergency_parser: bool,
    /// `ok N12 P15 B3` instead of `ok`.
    pub advanced_ok: bool,
    /// The print comes loose so many milliseconds of the clock after its first extruding move.
    pub tangle_after_clock_ms: Option<Millis>,
    /// Commands, and pieces of what it received, that it remembers for those who ask afterwards.
    pub remembers: usize,
    /// Decides noise and strands: the same seed plays the same.
    pub seed: u64,
}

impl Default for SimOptions {
    fn default() -> Self {
        Self {
            bad_line: BadLine::Flush,
            board: Board::ResetsOnDtr,
            rx_bytes: 128,
            emergency_parser: true,
            advanced_ok: true,
            tangle_after_clock_ms: None,
            remembers: 200_000,
            seed: 7,
        }
    }
}

/// What can go wrong. Each is switched on and off by `SimHandle::set_fault`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Filament no longer lands on the part.
    Tangle,
    /// Nothing comes out of the nozzle, whatever is pushed.
    Clogged,
    /// The demo camera gives no pictures and cannot be opened.
    CameraGone,
    /// The port breaks and cannot be opened; the printer itself goes on.
    CablePulled,
    /// About one line in twenty arrives with a flipped byte.
    Noise,
    /// About one `ok` in fifty gets lost on its way to the host.
    LostOks,
    /// From the next `M400` on, which a pause begins with, every `ok` gets lost.
    NoOksAfterPause,
    /// The board restarts, once, at the moment when this is switched on.
    Reboot,
    /// The firmware ignores everything it is sent, `M112` too, but not a reset.
    Deaf,
    /// The hotend no longer warms up, and the firmware halts with a thermal runaway once it has a target.
    ThermalRunaway,
    /// Somebody turns the speed down to 65 % at the display, and back up when this is switched off.
    Knob,
}

/// The faults that are on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults(u16);

impl Faults {
    /// Returns whether `fault` is on.
    pub fn has(self, fault: Fault) -> bool {
        self.0 & Self::bit(fault) != 0
    }

    /// Switches `fault` on or off.
    pub fn set(&mut self, fault: Fault, on: bool) {
        if on { self.0 |= Self::bit(fault) } else { self.0 &= !Self::bit(fault) }
    }

    fn bit(fault: Fault) -> u16 {
        1 << fault as u16
    }
}

/// A small generator of numbers that look random and are the same for the same seed.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Starts from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    /// Returns the next 64 bits.
    pub fn bits(&mut self) -> u64 {
        // SplitMix64: tiny, and good enough for noise.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a number from 0 to below 1.
    pub fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1u64 << 24) as f32
    }

    /// Returns a number from -1 to below 1.
    pub fn signed(&mut self) -> f32 {
        self.unit() * 2.0 - 1.0
    }

    /// Returns whether something that happens once in `n` times happens now.
    pub fn once_in(&mut self, n: u64) -> bool {
        self.bits().is_multiple_of(n)
    }
}
