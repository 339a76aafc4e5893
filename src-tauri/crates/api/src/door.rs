//! The listener: how many may be connected, for how long, and how slow they may be.
//!
//! Whoever connects is a stranger until a request of theirs carried the token or a ticket. Strangers are few and have
//! seconds; when there are too many, the one who came first goes, so that the owner always gets in. Those who were
//! admitted are limited, too: the one who has been silent for longest goes. All of it stays far below the number of
//! files that a process may have open. The window's listener and the network's count by themselves: nobody from the
//! network takes a place of the window's.

use crate::https::Tls;
use crate::pace::Steady;
use crate::request_body;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tower::Service;

/// Connections that were not admitted yet.
const STRANGERS: usize = 48;
/// Connections that were.
const ADMITTED: usize = 128;
/// How long one may stay a stranger.
const STRANGER_LIFE: Duration = Duration::from_secs(10);
/// How long a request's head may take, and how long a connection may be idle.
const HEAD: Duration = Duration::from_secs(30);
/// Longest head of a request, bytes.
const LONGEST_HEAD: usize = 128 * 1024;
/// Answers under way are finished within this when the core ends.
const GRACE: Duration = Duration::from_secs(5);

/// What the listener's owner is told and tells: clients come and go, someone asked to end.
#[derive(Clone)]
pub struct Doors {
    /// Live sockets open now, at all listeners.
    pub clients: Arc<watch::Sender<usize>>,
    /// Set when someone asked the core to end and it has left the printers as asked.
    pub ended: Arc<watch::Sender<bool>>,
    /// Set when this listener alone is closed.
    shut: Arc<watch::Sender<bool>>,
    guests: Arc<Guests>,
}

impl Default for Doors {
    fn default() -> Self {
        Self {
            clients: Arc::new(watch::Sender::new(0)),
            ended: Arc::new(watch::Sender::new(false)),
            shut: Arc::new(watch::Sender::new(false)),
            guests: Arc::default(),
        }
    }
}

impl Doors {
    /// Makes what another listener of the same core needs: it counts its own connections and can be closed by itself.
    pub(crate) fn beside(&self) -> Self {
        Self { clients: self.clients.clone(), ended: self.ended.clone(), ..Self::default() }
    }

    /// Closes this listener; its connections are cut at once, answers under way too.
    pub(crate) fn shut(&self) {
        self.shut.send_replace(true);
        self.guests.send_all_away();
    }

    /// Waits until this listener is closed or the core ends.
    pub(crate) fn over(&self) -> impl Future<Output = ()> + Send + use<> {
        let (mut ended, mut shut) = (self.ended.subscribe(), self.shut.subscribe());
        async move {
            // Should nobody be left who could say so, it is over, too.
            tokio::select! {
                _ = ended.wait_for(|ended| *ended) => (),
                _ = shut.wait_for(|shut| *shut) => (),
            }
        }
    }
}

/// Where a connection comes from, and the address of ours that it came to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer {
    pub(crate) from: IpAddr,
    pub(crate) to: SocketAddr,
    /// It is encrypted.
    pub(crate) secure: bool,
}

impl Peer {
    /// Returns what addresses of ours begin with for this one.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }
}

/// All connections.
#[derive(Default)]
struct Guests {
    all: Mutex<Register>,
}

#[derive(Default)]
struct Register {
    next: u64,
    here: BTreeMap<u64, Entry>,
}

struct Entry {
    admitted: bool,
    heard: Instant,
    leave: watch::Sender<bool>,
}

/// One connection, as its requests see it. It is over when the last clone is dropped.
#[derive(Clone)]
pub(crate) struct Guest(Arc<Place>);

/// The place of one connection among the others.
pub(crate) struct Place {
    id: u64,
    guests: Arc<Guests>,
    leave: watch::Receiver<bool>,
}

impl Guests {
    /// Lets one more in; who has to go for it is told.
    fn enter(self: &Arc<Self>) -> Guest {
        let (leave, told) = watch::channel(false);
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.make_room(false, STRANGERS);
        let id = all.next;
        all.next += 1;
        all.here.insert(id, Entry { admitted: false, heard: Instant::now(), leave });
        drop(all);
        Guest(Arc::new(Place { id, guests: self.clone(), leave: told }))
    }

    fn send_all_away(&self) {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.here.values().for_each(|entry| _ = entry.leave.send_replace(true));
    }
}

impl Register {
    /// Sends away those of a kind who were silent for longest, until there is room for one more.
    fn make_room(&mut self, admitted: bool, most: usize) {
        let of_the_kind = |entry: &Entry| entry.admitted == admitted && !*entry.leave.borrow();
        while self.here.values().filter(|entry| of_the_kind(entry)).count() >= most {
            let oldest =
                self.here.values().filter(|entry| of_the_kind(entry)).min_by_key(|entry| entry.heard);
            let Some(oldest) = oldest else { return };
            oldest.leave.send_replace(true);
        }
    }
}

impl Guest {
    /// A request showed the token or a ticket.
    pub(crate) fn admit(&self) {
        let mut all = self.0.guests.all.lock().unwrap_or_else(PoisonError::into_inner);
        if all.here.get(&self.0.id).is_some_and(|entry| !entry.admitted) {
            all.make_room(true, ADMITTED);
        }
        if let Some(entry) = all.here.get_mut(&self.0.id) {
            (entry.admitted, entry.heard) = (true, Instant::now());
        }
    }

    fn is_admitted(&self) -> bool {
        let all = self.0.guests.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.here.get(&self.0.id).is_some_and(|entry| entry.admitted)
    }

    /// Returns a handle that does not keep the connection.
    pub(crate) fn downgrade(&self) -> Weak<Place> {
        Arc::downgrade(&self.0)
    }

    /// Waits until this connection has to make room for another, or is not wanted any longer.
    pub(crate) async fn sent_away(&self) {
        let mut leave = self.0.leave.clone();
        if leave.wait_for(|leave| *leave).await.is_err() {
            std::future::pending().await
        }
    }
}

impl Place {
    /// Cuts the connection.
    pub(crate) fn send_away(&self) {
        let all = self.guests.all.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = all.here.get(&self.id) {
            entry.leave.send_replace(true);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.guests.all.lock().unwrap_or_else(PoisonError::into_inner).here.remove(&self.id);
    }
}

/// Serves the router on a listener until it is closed or `doors.ended` is set.
///
/// # Errors
/// None at present; a listener that fails is tried again.
pub async fn serve(listener: TcpListener, router: Router, doors: Doors) -> std::io::Result<()> {
    serve_with(listener, router, doors, Tls::default()).await
}

/// The same, encrypted for those who want it while that is switched on.
pub(crate) async fn serve_with(
    listener: TcpListener,
    router: Router,
    doors: Doors,
    tls: Tls,
) -> std::io::Result<()> {
    let mut over = pin!(doors.over());
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = over.as_mut() => break,
            Some(_) = connections.join_next() => (),
            accepted = listener.accept() => match accepted {
                Ok((stream, from)) => {
                    // Here, not in the task: tasks begin in any order, and who came last must not have to go first.
                    let guest = doors.guests.enter();
                    let caller = Caller { guest, router: router.clone(), doors: doors.clone() };
                    connections.spawn(attend(stream, from, caller, tls.clone()));
                }
                Err(error) => {
                    // Such as too many open files: some are closed in a moment.
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(Duration::from_millis(100)).await;
                }
            },
        }
    }
    // Nobody new is taken while the others finish.
    drop(listener);
    let all_done = async { while connections.join_next().await.is_some() {} };
    if timeout(GRACE, all_done).await.is_err() {
        tracing::warn!("some answers were broken off: their clients took too long");
    }
    Ok(())
}

/// One connection, and what its requests are answered by.
struct Caller {
    guest: Guest,
    router: Router,
    doors: Doors,
}

/// Answers the requests of one connection, encrypted where its other side wants that.
async fn attend(stream: TcpStream, from: SocketAddr, caller: Caller, tls: Tls) {
    let _ = stream.set_nodelay(true);
    let Ok(to) = stream.local_addr() else { return };
    let (from, to) = (from.ip().to_canonical(), SocketAddr::new(to.ip().to_canonical(), to.port()));
    let begin = async {
        let Some(config) = tls.wanted(&stream).await? else { return Ok(Err(Steady::new(stream))) };
        TlsAcceptor::from(config).accept(Steady::new(stream)).await.map(Ok)
    };
    let guest = caller.guest.clone();
    let begun: std::io::Result<Result<_, _>> = tokio::select! {
        begun = timeout(STRANGER_LIFE, begin) => begun.unwrap_or_else(|late| Err(late.into())),
        () = guest.sent_away() => return,
        () = caller.doors.over() => return,
    };
    match begun {
        Ok(Ok(encrypted)) => talk(encrypted, Peer { from, to, secure: true }, caller).await,
        Ok(Err(plain)) => talk(plain, Peer { from, to, secure: false }, caller).await,
        Err(error) => tracing::debug!(%error, "a connection did not begin"),
    }
}

async fn talk<S>(stream: S, peer: Peer, Caller { guest, router, doors }: Caller)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let caller = guest.clone();
    let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let (mut request, rest) = request_body::shared(request);
        request.extensions_mut().insert(caller.clone());
        request.extensions_mut().insert(peer);
        // A router is always ready.
        let answered = router.clone().call(request);
        async move {
            let Ok(response) = answered.await;
            Ok::<_, Infallible>(rest.settle(response).await)
        }
    });
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(LONGEST_HEAD);
    let talk = server.serve_connection(TokioIo::new(stream), service).with_upgrades();
    let mut talk = pin!(talk);
    let mut trial = pin!(sleep(STRANGER_LIFE));
    let mut over = pin!(doors.over());
    let (mut on_trial, mut closing) = (true, false);
    loop {
        tokio::select! {
            done = talk.as_mut() => {
                if let Err(error) = done {
                    tracing::debug!(%error, "a connection broke");
                }
                return;
            }
            () = guest.sent_away() => return,
            () = trial.as_mut(), if on_trial => {
                on_trial = false;
                if !guest.is_admitted() {
                    return;
                }
            }
            () = over.as_mut(), if !closing => {
                closing = true;
                talk.as_mut().graceful_shutdown();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(guest: &Guest) -> bool {
        *guest.0.leave.borrow()
    }

    #[test]
    fn strangers_make_room_for_strangers_and_never_those_who_were_admitted() {
        let guests = Arc::new(Guests::default());
        let owner = guests.enter();
        owner.admit();
        let strangers: Vec<Guest> = (0..STRANGERS).map(|_| guests.enter()).collect();
        assert!(strangers.iter().all(|stranger| !left(stranger)));
        let late = guests.enter();
        assert!(left(&strangers[0]) && !left(&strangers[1]) && !left(&late) && !left(&owner));
        late.admit();
        assert!(late.is_admitted() && !strangers[1].is_admitted());
        drop(strangers);
        let all = guests.all.lock().unwrap();
        assert_eq!(all.here.len(), 2, "who has gone takes no room");
    }

    #[test]
    fn of_those_admitted_the_one_silent_for_longest_goes() {
        let guests = Arc::new(Guests::default());
        let admit = |_| {
            let guest = guests.enter();
            guest.admit();
            guest
        };
        let admitted: Vec<Guest> = (0..ADMITTED).map(admit).collect();
        // The first is heard again.
        admitted[0].admit();
        let late = guests.enter();
        late.admit();
        let gone: Vec<usize> = (0..ADMITTED).filter(|n| left(&admitted[*n])).collect();
        assert_eq!(gone, [1]);
    }
}
