//! Orders and refusals by kind, so that no decision hangs on the words for people beside them.

use crate::{Order, SdOrder};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which order, without what it carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // As the variants of `Order` of the same names.
pub enum OrderKind {
    Start,
    Pause,
    Resume,
    Cancel,
    CoolDown,
    BedOff,
    Home,
    SetTarget,
    Offsets,
    SdList,
    SdPrint,
    SdFollow,
    Follow,
    Tool,
    Connect,
    Disconnect,
    Stop,
}

impl Order {
    /// Returns which order it is.
    pub fn kind(&self) -> OrderKind {
        match self {
            Self::Start(_) => OrderKind::Start,
            Self::Pause(..) => OrderKind::Pause,
            Self::Resume(_) => OrderKind::Resume,
            Self::Cancel(_) => OrderKind::Cancel,
            Self::CoolDown => OrderKind::CoolDown,
            Self::BedOff => OrderKind::BedOff,
            Self::Home(_) => OrderKind::Home,
            Self::SetTarget(..) => OrderKind::SetTarget,
            Self::Offsets(_) => OrderKind::Offsets,
            Self::Sd(SdOrder::List) => OrderKind::SdList,
            Self::Sd(SdOrder::Print(_)) => OrderKind::SdPrint,
            Self::Sd(SdOrder::Follow(_)) => OrderKind::SdFollow,
            Self::Follow { .. } => OrderKind::Follow,
            Self::Tool(_) => OrderKind::Tool,
            Self::Connect => OrderKind::Connect,
            Self::Disconnect => OrderKind::Disconnect,
            Self::Stop(_) => OrderKind::Stop,
        }
    }
}

impl OrderKind {
    /// Returns whether the order begins a print, or begins to follow one.
    pub fn begins_print(self) -> bool {
        match self {
            Self::Start | Self::SdPrint | Self::SdFollow | Self::Follow => true,
            Self::Pause
            | Self::Resume
            | Self::Cancel
            | Self::CoolDown
            | Self::BedOff
            | Self::Home
            | Self::SetTarget
            | Self::Offsets
            | Self::SdList
            | Self::Tool
            | Self::Connect
            | Self::Disconnect
            | Self::Stop => false,
        }
    }
}

/// Why an order was not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefusedReason {
    /// The firmware does not answer: no port, still opening, link lost.
    NotConnected,
    /// The firmware has stopped; only connecting anew helps.
    Halted,
    /// Too many orders wait at the printer's thread.
    QueueFull,
    /// The printer's thread has ended: nobody can take the order.
    ThreadEnded,
    /// A print is under way.
    PrintUnderWay,
    /// Nothing is being printed, or what is meant has ended.
    NoPrint,
    /// The print is paused, or being paused.
    AlreadyPaused,
    /// The print is being cancelled, or its last moves run.
    Ending,
    /// The print is not paused yet.
    NotPausedYet,
    /// Not confirmed by the printer.
    Unconfirmed,
    /// Nobody knows where the head is, or it was moved.
    PlaceUnknown,
    /// The printer does other work.
    Busy,
    /// Only a person at the printer's knob or display can do it.
    OnlyAtPrinter,
    /// Too cold, or it did not get hot.
    TooCold,
    /// The temperature is not known.
    TemperatureUnknown,
    /// A value lies outside of its range.
    OutOfRange,
    /// The firmware cannot do it, or is not known to.
    NotSupported,
    /// The file cannot be read or must not be printed.
    BadFile,
    /// The line must not be sent.
    BadLine,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Initiator, Leave};

    #[test]
    fn an_order_knows_its_kind_whatever_it_carries() {
        assert_eq!(Order::Resume(Initiator::Person).kind(), OrderKind::Resume);
        assert_eq!(Order::Sd(SdOrder::List).kind(), OrderKind::SdList);
        assert_eq!(Order::Stop(Leave::AsItIs).kind(), OrderKind::Stop);
        assert!(OrderKind::SdFollow.begins_print() && !OrderKind::Stop.begins_print());
    }
}
