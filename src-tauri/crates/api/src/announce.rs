//! Found by itself: while the network's listener is open it is announced by multicast DNS, once as Printvigil and once for
//! each printer as OctoPrint, which is what slicers look for.
//!
//! Nobody waits for it, and what goes wrong here is shown and touches the listener in no way: many networks let no
//! multicast through. Nothing is announced to programs of this computer alone.

use crate::network_door::{addresses, is_inner};
use domain::{PrinterView, one_line};
use mdns_sd::{DaemonEvent, IfKind, IfPredicate, Receiver, ServiceDaemon, ServiceInfo};
use outbound::{Line, OutboundPurpose};
use station::{Snapshot, Station};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// What others look for.
const OURS: &str = "_printvigil._tcp.local.";
const OCTOPRINT: &str = "_octoprint._tcp.local.";
/// Longest name of a service, bytes.
const LONGEST_NAME: usize = 63;
/// Longest part of this computer's name that is used, bytes: others stand beside it.
const LONGEST_HOST: usize = 30;
/// Where multicast DNS goes.
const GROUP: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(224, 0, 0, 251)), 5353);
/// What happened is looked at so often.
const LOOK: Duration = Duration::from_secs(1);
/// After so long without an announcement something is wrong.
const PATIENCE: Duration = Duration::from_secs(8);
/// Taking it all back may take so long.
const LEAVING: Duration = Duration::from_secs(2);

/// How it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Announced {
    /// It has only just begun.
    #[default]
    Not,
    /// Others find it under this name.
    As(String),
    /// Others do not find it by itself; why.
    Failed(String),
}

/// How it stands, for who announces and who shows it.
pub(crate) type Standing = Arc<Mutex<Announced>>;

/// One service: what it is called, and what is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Service {
    kind: &'static str,
    name: String,
    told: Vec<(&'static str, String)>,
}

/// Announces the listener at `port` until `over`, then takes it back.
pub(crate) async fn announce(
    station: Station,
    port: u16,
    standing: Standing,
    over: impl Future<Output = ()> + Send,
) {
    let set = |now: Announced| *standing.lock().unwrap_or_else(PoisonError::into_inner) = now;
    let (daemon, events) = match start() {
        Ok(started) => started,
        Err(error) => {
            tracing::warn!(%error, "the network's listener is not announced");
            set(Announced::Failed(error.to_string()));
            return over.await;
        }
    };
    let host = host_label();
    let mut announcer = Announcer {
        daemon,
        events,
        port,
        announced: BTreeMap::new(),
        line: Line::begin(OutboundPurpose::Discovery, &GROUP.to_string(), &[GROUP]),
        name: format!("Printvigil on {host}"),
        heard: false,
        error: None,
        since: Instant::now(),
        host,
    };
    let mut over = std::pin::pin!(over);
    loop {
        let wanted = wanted(&announcer.host, &station.snapshot());
        announcer.follow(wanted);
        set(announcer.standing());
        tokio::select! {
            () = &mut over => break,
            () = sleep(LOOK) => (),
        }
    }
    let left = tokio::task::spawn_blocking(move || {
        // It says good-bye for each service as it ends.
        announcer.daemon.shutdown().map(|done| done.recv_timeout(LEAVING).is_ok())
    });
    if !matches!(left.await, Ok(Ok(true))) {
        tracing::debug!("others may show the network's listener for a while longer");
    }
    set(Announced::Not);
}

fn start() -> Result<(ServiceDaemon, Receiver<DaemonEvent>), mdns_sd::Error> {
    let daemon = ServiceDaemon::new()?;
    // Slicers ask for an address of the older kind, and take the first that they are told.
    let inner = IfPredicate::new(|interface| interface.is_loopback() || is_inner(&interface.name));
    daemon.disable_interface(vec![IfKind::IPv6, IfKind::Predicate(inner)])?;
    let events = daemon.monitor()?;
    Ok((daemon, events))
}

struct Announcer {
    daemon: ServiceDaemon,
    events: Receiver<DaemonEvent>,
    port: u16,
    /// First part of this computer's name.
    host: String,
    /// What is announced, by the whole name.
    announced: BTreeMap<String, Service>,
    /// Where announcements and answers are counted.
    line: Line,
    /// As what it is found; another one where somebody else had it.
    name: String,
    heard: bool,
    error: Option<String>,
    since: Instant,
}

impl Announcer {
    /// Announces what is new and takes back what is gone.
    fn follow(&mut self, wanted: Vec<Service>) {
        self.hear();
        let gone: Vec<String> = self
            .announced
            .iter()
            .filter(|(_, service)| !wanted.contains(service))
            .map(|(whole, _)| whole.clone())
            .collect();
        for whole in gone {
            self.announced.remove(&whole);
            if let Err(error) = self.daemon.unregister(&whole) {
                tracing::debug!(%error, whole, "it could not be taken back");
            }
        }
        for service in wanted {
            if self.announced.values().any(|there| *there == service) {
                continue;
            }
            match self.register(&service) {
                Ok(whole) => _ = self.announced.insert(whole, service),
                Err(error) => self.error = Some(error.to_string()),
            }
        }
    }

    fn register(&self, service: &Service) -> Result<String, mdns_sd::Error> {
        // A name of its own: the computer's own one may be announced by another program.
        let host = format!("printvigil-{}.local.", self.host);
        let info =
            ServiceInfo::new(service.kind, &service.name, &host, "", self.port, service.told.as_slice())?
                .enable_addr_auto();
        let whole = info.get_fullname().to_owned();
        self.daemon.register(info)?;
        Ok(whole)
    }

    /// Hears what became of it.
    fn hear(&mut self) {
        while let Ok(event) = self.events.try_recv() {
            match event {
                DaemonEvent::Announce(..) => {
                    self.line.again();
                    self.heard = true;
                }
                DaemonEvent::Respond(_) => self.line.again(),
                DaemonEvent::Error(error) => self.error = Some(error.to_string()),
                DaemonEvent::NameChange(change) => {
                    if let (true, Some(name)) =
                        (change.original.contains(OURS), change.new_name.strip_suffix(&format!(".{OURS}")))
                    {
                        self.name = name.to_owned();
                    }
                }
                DaemonEvent::IpAdd(_) | DaemonEvent::IpDel(_) | _ => (),
            }
        }
    }

    fn standing(&self) -> Announced {
        if self.heard {
            return Announced::As(self.name.clone());
        }
        if self.since.elapsed() < PATIENCE {
            return Announced::Not;
        }
        let why = match &self.error {
            Some(error) => error.clone(),
            None if addresses().is_empty() => "this computer is in no network now".into(),
            None => "this network lets no multicast through".into(),
        };
        Announced::Failed(why)
    }
}

/// Returns what is to be announced: the app, and each printer by the address that slicers have for it.
fn wanted(host: &str, snapshot: &Snapshot) -> Vec<Service> {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let told = vec![("path", "/".to_owned()), ("version", version)];
    let mut all = vec![Service { kind: OURS, name: format!("Printvigil on {host}"), told }];
    let shown: Vec<&PrinterView> = snapshot.shown().map(AsRef::as_ref).collect();
    for view in &shown {
        // The only printer is meant at the top.
        let path = if shown.len() == 1 { "/".to_owned() } else { format!("/printers/{}", view.id) };
        let mut name = printer_name(&view.name, host, None);
        if all.iter().any(|other| other.name == name) {
            name = printer_name(&view.name, host, Some(view.id.to_string()));
        }
        let told = vec![
            ("path", path),
            ("version", crate::octoprint::about::LIKE.to_owned()),
            ("api", "0.1".to_owned()),
            ("useHttps", "false".to_owned()),
        ];
        all.push(Service { kind: OCTOPRINT, name, told });
    }
    all
}

fn printer_name(printer: &str, host: &str, number: Option<String>) -> String {
    let end = match number {
        Some(number) => format!(" {number} (Printvigil on {host})"),
        None => format!(" (Printvigil on {host})"),
    };
    let clean = one_line(printer, LONGEST_NAME);
    format!("{}{end}", cut(clean.trim(), LONGEST_NAME - end.len()))
}

/// Returns the beginning of a text within so many bytes.
fn cut(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].trim_end()
}

/// Returns the first part of this computer's name, of signs that every network takes.
fn host_label() -> String {
    let name = hostname::get().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    label_of(&name)
}

fn label_of(name: &str) -> String {
    let first = name.split('.').next().unwrap_or_default();
    let plain: String =
        first.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(LONGEST_HOST).collect();
    let plain = plain.trim_matches('-');
    if plain.is_empty() { "computer".into() } else { plain.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_whatever_printers_and_computers_are_called() {
        assert_eq!(label_of("Anna's PC.lan"), "Anna-s-PC");
        assert_eq!((label_of(""), label_of("...")), ("computer".to_owned(), "computer".to_owned()));
        assert_eq!(label_of("ü".repeat(300).as_str()), "computer");
        let host = label_of(&"x".repeat(300));
        let name = printer_name(&"ü\n".repeat(60), &host, Some("12345".into()));
        assert!(name.len() <= LONGEST_NAME && name.ends_with("xxx)"), "{name}");
        assert!(name.starts_with('ü') && !name.contains('\n'), "{name}");
        assert_eq!(printer_name("MK3", "pc", None), "MK3 (Printvigil on pc)");
    }
}
