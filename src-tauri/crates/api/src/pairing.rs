//! Letting a new device in: a code that is shown in the window for two minutes and works once, and how many wrong tries
//! there may be.
//!
//! The token in the QR code has 128 random bits: nobody guesses it. The PIN has six digits, so guesses are counted, for
//! each address and in all: after [`MOST_WRONG`] in all the PIN that is shown is void, whoever tried. A stranger on the
//! network can thus close the way by PIN for a while, and never the way by QR code.

use domain::Role;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use subtle::ConstantTimeEq;
use tokio::time::Instant;

/// How long a code is good.
pub(crate) const OFFER_LIFE: Duration = Duration::from_secs(120);
/// Wrong PINs from one address before it is locked out.
const MOST_WRONG_OF_ONE: u32 = 5;
/// Wrong PINs in all before no PIN is taken.
const MOST_WRONG: u32 = 20;
/// How long, after the last wrong one.
const LOCKED: Duration = Duration::from_secs(600);
/// Addresses that are remembered; the one that was wrong longest ago is forgotten first.
const MOST_ADDRESSES: usize = 1_024;

/// What went wrong lately, by address and in all.
pub(crate) struct Strikes {
    by: HashMap<IpAddr, (u32, Instant)>,
    all: Option<(u32, Instant)>,
    of_one: u32,
    in_all: u32,
    term: Duration,
}

impl Strikes {
    /// So many from one address, and in all; the count begins anew when nothing was wrong for `term`.
    pub(crate) fn new(of_one: u32, in_all: u32, term: Duration) -> Self {
        Self { by: HashMap::new(), all: None, of_one, in_all, term }
    }

    /// Returns for how long nothing is taken from an address.
    pub(crate) fn locked(&self, from: IpAddr, now: Instant) -> Option<Duration> {
        let one = self.left(self.by.get(&house(from)), self.of_one, now);
        one.max(self.locked_for_all(now))
    }

    /// Returns for how long nothing is taken from anybody.
    fn locked_for_all(&self, now: Instant) -> Option<Duration> {
        self.left(self.all.as_ref(), self.in_all, now)
    }

    fn left(&self, count: Option<&(u32, Instant)>, most: u32, now: Instant) -> Option<Duration> {
        let (count, last) = count?;
        let left = self.term.checked_sub(now.duration_since(*last))?;
        (*count >= most).then_some(left)
    }

    /// Counts one more.
    pub(crate) fn strike(&mut self, from: IpAddr, now: Instant) {
        let term = self.term;
        let more = |count: Option<&(u32, Instant)>| match count {
            Some((count, last)) if now.duration_since(*last) < term => (count.saturating_add(1), now),
            _ => (1, now),
        };
        let from = house(from);
        if !self.by.contains_key(&from) && self.by.len() >= MOST_ADDRESSES {
            let oldest = self.by.iter().min_by_key(|(_, (_, last))| *last).map(|(from, _)| *from);
            oldest.map(|oldest| self.by.remove(&oldest));
        }
        let counted = more(self.by.get(&from));
        self.by.insert(from, counted);
        self.all = Some(more(self.all.as_ref()));
    }
}

/// Returns what counts as one address: a whole network of IPv6, since each machine has as many as it likes.
fn house(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V4(four) => four.into(),
        IpAddr::V6(six) => Ipv6Addr::from_bits(six.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

/// What a new device brings.
pub(crate) enum Proof<'a> {
    Token(&'a str),
    Pin(&'a str),
}

/// Why it is not let in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Not what is shown, or nothing is shown any longer.
    Wrong,
    /// Too many were wrong.
    Locked(Duration),
}

/// What the owner is shown of the code that is good now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Offered {
    pub(crate) role: Role,
    pub(crate) left: Duration,
    /// Too many wrong PINs came: only the QR code lets in.
    pub(crate) pin_is_void: bool,
}

struct Offer {
    token: String,
    /// None once it is void.
    pin: Option<String>,
    role: Role,
    until: Instant,
}

/// The code that is shown now, if any.
pub(crate) struct Pairing(Mutex<(Option<Offer>, Strikes)>);

impl Default for Pairing {
    fn default() -> Self {
        Self(Mutex::new((None, Strikes::new(MOST_WRONG_OF_ONE, MOST_WRONG, LOCKED))))
    }
}

impl Pairing {
    /// Shows a new code in place of the one before. `pin` is given back where it is good.
    pub(crate) fn offer(&self, token: String, pin: String, role: Role, now: Instant) -> Option<String> {
        let mut both = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pin = both.1.locked_for_all(now).is_none().then_some(pin);
        both.0 = Some(Offer { token, pin: pin.clone(), role, until: now + OFFER_LIFE });
        pin
    }

    /// Takes the code back.
    pub(crate) fn withdraw(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0 = None;
    }

    /// Returns what is shown now.
    pub(crate) fn offered(&self, now: Instant) -> Option<Offered> {
        let both = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let offer = both.0.as_ref().filter(|offer| now < offer.until)?;
        Some(Offered { role: offer.role, left: offer.until - now, pin_is_void: offer.pin.is_none() })
    }

    /// Lets one in, with the role that the owner chose; the code is used up.
    ///
    /// # Errors
    /// When the code is wrong, old or used, and when too many were wrong.
    pub(crate) fn redeem(&self, from: IpAddr, proof: &Proof<'_>, now: Instant) -> Result<Role, Refused> {
        let mut both = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (offer, wrong) = &mut *both;
        let by_pin = matches!(proof, Proof::Pin(_));
        if let Some(left) = wrong.locked(from, now).filter(|_| by_pin) {
            return Err(Refused::Locked(left));
        }
        let good = offer.as_ref().filter(|offer| now < offer.until).is_some_and(|offer| match proof {
            Proof::Token(token) => same(&offer.token, token),
            Proof::Pin(pin) => offer.pin.as_ref().is_some_and(|shown| same(shown, pin)),
        });
        if good {
            return offer.take().map(|offer| offer.role).ok_or(Refused::Wrong);
        }
        if by_pin {
            wrong.strike(from, now);
            if let (Some(offer), Some(_)) = (offer, wrong.locked_for_all(now)) {
                offer.pin = None;
            }
        }
        Err(Refused::Wrong)
    }
}

/// Compares in the same time for every guess of a length.
fn same(secret: &str, guess: &str) -> bool {
    secret.as_bytes().ct_eq(guess.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(n: u8) -> IpAddr {
        IpAddr::from([192, 168, 1, n])
    }

    fn offered(now: Instant) -> Pairing {
        let pairing = Pairing::default();
        assert!(pairing.offer("token".into(), "123456".into(), Role::Operate, now).is_some());
        pairing
    }

    #[test]
    fn a_code_lets_one_in_within_two_minutes() {
        let now = Instant::now();
        let pairing = offered(now);
        assert_eq!(pairing.redeem(address(1), &Proof::Token("tokem"), now), Err(Refused::Wrong));
        assert_eq!(pairing.redeem(address(1), &Proof::Token("token"), now), Ok(Role::Operate));
        assert_eq!(pairing.redeem(address(1), &Proof::Token("token"), now), Err(Refused::Wrong), "used");
        assert_eq!(pairing.redeem(address(1), &Proof::Pin("123456"), now), Err(Refused::Wrong), "used");
        let pairing = offered(now);
        assert_eq!(pairing.redeem(address(1), &Proof::Pin("123456"), now), Ok(Role::Operate));
        let pairing = offered(now);
        let late = now + OFFER_LIFE;
        assert!(pairing.offered(late).is_none());
        assert_eq!(pairing.redeem(address(1), &Proof::Token("token"), late), Err(Refused::Wrong), "old");
        let pairing = offered(now);
        pairing.withdraw();
        assert_eq!(pairing.redeem(address(1), &Proof::Token("token"), now), Err(Refused::Wrong));
    }

    #[test]
    fn an_address_is_locked_out_after_five_wrong_pins_and_others_are_not() {
        let now = Instant::now();
        let pairing = offered(now);
        for _ in 0..MOST_WRONG_OF_ONE {
            assert_eq!(pairing.redeem(address(1), &Proof::Pin("000000"), now), Err(Refused::Wrong));
        }
        assert_eq!(pairing.redeem(address(1), &Proof::Pin("123456"), now), Err(Refused::Locked(LOCKED)));
        assert_eq!(pairing.redeem(address(2), &Proof::Pin("123456"), now), Ok(Role::Operate));
        let later = now + LOCKED + Duration::from_secs(1);
        let again = pairing.offer("token".into(), "654321".into(), Role::View, later);
        assert_eq!(pairing.redeem(address(1), &Proof::Pin(&again.unwrap()), later), Ok(Role::View));
    }

    #[test]
    fn wrong_pins_from_many_addresses_void_the_pin_and_leave_the_qr_code() {
        let now = Instant::now();
        let pairing = offered(now);
        for n in 0..MOST_WRONG {
            let from = IpAddr::from(n.to_be_bytes());
            assert_eq!(pairing.redeem(from, &Proof::Pin("000000"), now), Err(Refused::Wrong), "{n}");
        }
        assert!(pairing.offered(now).unwrap().pin_is_void);
        let fresh = address(77);
        assert_eq!(pairing.redeem(fresh, &Proof::Pin("123456"), now), Err(Refused::Locked(LOCKED)));
        assert!(pairing.offer("new".into(), "111111".into(), Role::View, now).is_none(), "no new one either");
        assert_eq!(pairing.redeem(fresh, &Proof::Token("new"), now), Ok(Role::View));
    }

    #[test]
    fn a_network_of_ipv6_is_one_address_and_no_flood_of_them_fills_the_memory() {
        let now = Instant::now();
        let mut strikes = Strikes::new(2, u32::MAX, LOCKED);
        strikes.strike("fd00::1".parse().unwrap(), now);
        strikes.strike("fd00::2".parse().unwrap(), now);
        assert!(strikes.locked("fd00::3".parse().unwrap(), now).is_some());
        assert!(strikes.locked("fd00:0:0:1::3".parse().unwrap(), now).is_none());
        for n in 0..5_000_u32 {
            strikes.strike(IpAddr::from(n.to_be_bytes()), now + Duration::from_millis(u64::from(n)));
        }
        assert_eq!(strikes.by.len(), MOST_ADDRESSES);
    }
}
