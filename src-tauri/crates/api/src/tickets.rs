//! Tickets: what an `<img>` or a `<video>` carries in its address, since it can send no header.
//!
//! A ticket is good for reading one path, for five minutes, and as long as whoever got it may come in. It is signed and
//! not kept: no flood of new ones drives older ones out.

use crate::secret::{hex, random};
use domain::GrantId;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::time::Duration;
use tokio::time::Instant;

/// How long a ticket is good.
pub(crate) const TICKET_LIFE: Duration = Duration::from_secs(300);
/// Stands in a ticket of the window's in place of a number.
const OF_WINDOW: &str = "w";

/// Makes tickets and reads them again.
pub(crate) struct Tickets {
    key: [u8; 32],
    /// Tickets count milliseconds from here.
    began: Instant,
}

impl Tickets {
    /// `key`: random, of this launch only.
    pub(crate) fn new(key: [u8; 32]) -> Self {
        Self { key, began: Instant::now() }
    }

    /// Makes one for whoever asks; none: the window.
    pub(crate) fn make(&self, path: &str, grant: Option<GrantId>) -> String {
        self.make_at(path, grant, self.began.elapsed())
    }

    /// Returns whose ticket it is, if it is good for this path now.
    pub(crate) fn whose(&self, ticket: &str, path: &str) -> Option<Option<GrantId>> {
        self.whose_at(ticket, path, self.began.elapsed())
    }

    /// When it ends, for whom it is, a random part, and the signature of these and the path.
    fn make_at(&self, path: &str, grant: Option<GrantId>, age: Duration) -> String {
        let until = u64::try_from((age + TICKET_LIFE).as_millis()).unwrap_or(u64::MAX);
        let whose = grant.map_or_else(|| OF_WINDOW.to_owned(), |id| id.to_string());
        let head = format!("{until:x}.{whose}.{}", hex(&random::<8>()));
        let signature = self.signed(&head, path).finalize().into_bytes();
        format!("{head}.{}", hex(&signature))
    }

    fn whose_at(&self, ticket: &str, path: &str, age: Duration) -> Option<Option<GrantId>> {
        let (head, signature) = ticket.rsplit_once('.')?;
        self.signed(head, path).verify_slice(&unhex(signature)?).ok()?;
        let mut parts = head.split('.');
        let until = u64::from_str_radix(parts.next()?, 16).ok()?;
        if age.as_millis() >= u128::from(until) {
            return None;
        }
        match parts.next()? {
            OF_WINDOW => Some(None),
            id => Some(Some(GrantId(id.parse().ok()?))),
        }
    }

    fn signed(&self, head: &str, path: &str) -> Hmac<Sha256> {
        let mut signature = Hmac::<Sha256>::new_from_slice(&self.key).expect("a key of any length will do");
        signature.update(head.as_bytes());
        // A head holds no line feed.
        signature.update(b"\n");
        signature.update(path.as_bytes());
        signature
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_good_for_its_path_and_time_and_no_flood_drives_it_out() {
        let tickets = Tickets::new([7; 32]);
        let begin = Duration::from_secs(7);
        let ticket = tickets.make_at("/media/a.mp4", None, begin);
        for n in 0..5_000 {
            assert_ne!(tickets.make_at(&format!("/media/{n}.mp4"), None, begin), ticket);
        }
        let whose = |ticket: &str, path: &str| tickets.whose_at(ticket, path, begin + TICKET_LIFE / 2);
        assert_eq!(whose(&ticket, "/media/a.mp4"), Some(None));
        assert_eq!(whose(&ticket, "/media/b.mp4"), None, "for that path only");
        assert_eq!(
            Tickets::new([8; 32]).whose_at(&ticket, "/media/a.mp4", begin),
            None,
            "of that launch only"
        );
        assert_eq!(tickets.whose_at(&ticket, "/media/a.mp4", begin + TICKET_LIFE), None, "five minutes only");
        let of_phone = tickets.make_at("/media/a.mp4", Some(GrantId(12)), begin);
        assert_eq!(whose(&of_phone, "/media/a.mp4"), Some(Some(GrantId(12))));
        let later = format!("f{ticket}");
        let forged = of_phone.replacen(".12.", ".w.", 1);
        let cut = &ticket[..ticket.len() - 2];
        for wrong in
            [later.as_str(), &forged, cut, "", ".", "..", "...", "ffff.w.00.", &"f".repeat(60_000), "ä.ö.ü"]
        {
            assert_eq!(whose(wrong, "/media/a.mp4"), None, "{wrong:.40}");
        }
    }
}
