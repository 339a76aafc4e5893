//! The connection to the broker: how it is opened, and what its answers mean in words.

use crate::board::{LARGEST_PICTURE, OFFLINE};
use crate::settings::Settings;
use crate::topics::Topics;
use bytes::Bytes;
use domain::one_line;
use outbound::{Line, OutboundPurpose};
use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, Event, EventLoop, LastWill, MqttOptions, Packet, QoS,
    TlsConfiguration, Transport,
};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::lookup_host;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// A broker that is silent for so long is asked whether it lives; it takes us for dead after half as long again, and says so
/// to the others.
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// Opening the connection may take so long.
const CONNECT: Duration = Duration::from_secs(10);
/// Messages that wait for the connection.
const WAITING: usize = 64;
/// Longest answer that is shown, characters.
const LONGEST: usize = 300;
/// Largest message that is taken, bytes. Whoever sends more costs us the connection, so it is generous.
const LARGEST: usize = 8 * 1024 * 1024;

/// What a message has beside its topic and content, bytes: at most, as MQTT writes it. The library opens the socket
/// itself, so messages are counted and not what the network sees.
const PACKET_BYTES: usize = 9;
/// What a log-in has beside its texts, bytes.
const CONNECT_BYTES: usize = 20;

/// A connection; gone when dropped.
pub(crate) struct Broker {
    pub(crate) client: AsyncClient,
    /// Messages that the broker has not acknowledged.
    unacknowledged: usize,
    /// Where the connection is counted.
    line: Line,
    events: mpsc::Receiver<Result<Event, ConnectionError>>,
    pump: JoinHandle<()>,
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.pump.abort();
    }
}

impl Broker {
    /// Begins to connect; [`Self::next`] tells how it goes. `topics`: with a last will.
    ///
    /// # Errors
    /// A sentence: no such computer, or none that may be asked.
    pub(crate) async fn connect(
        settings: &Settings,
        password: &str,
        name: &str,
        topics: Option<&Topics>,
    ) -> Result<Self, String> {
        let address = vetted(settings).await?;
        // A certificate is made out to a name, so that the name is asked for then.
        let host = if settings.tls { settings.host.clone() } else { address.ip().to_string() };
        let place = format!("{}:{}", settings.host, settings.port);
        let line = Line::begin(OutboundPurpose::Mqtt, &place, &[address]);
        line.sent(CONNECT_BYTES + name.len() + settings.user.len() + password.len());
        let mut options = MqttOptions::new(name, host, settings.port);
        options.set_keep_alive(KEEP_ALIVE).set_clean_session(true);
        options.set_max_packet_size(LARGEST, LARGEST_PICTURE + 1024);
        if !settings.user.is_empty() {
            options.set_credentials(&settings.user, password);
        }
        if settings.tls {
            // It reads the system's certificates, and panics where there are none.
            let tls = tokio::task::spawn_blocking(TlsConfiguration::default).await;
            let tls =
                tls.map_err(|_| "the certificates that this computer trusts cannot be read".to_owned())?;
            options.set_transport(Transport::tls_with_config(tls));
        }
        if let Some(topics) = topics {
            line.sent(topics.status().len() + OFFLINE.len() + 4);
            options.set_last_will(LastWill::new(topics.status(), OFFLINE, QoS::AtLeastOnce, true));
        }
        let (client, mut eventloop) = AsyncClient::new(options, WAITING);
        eventloop.network_options.set_connection_timeout(CONNECT.as_secs());
        eventloop.network_options.set_tcp_nodelay(true);
        let (sender, events) = mpsc::channel(WAITING);
        let pump = tokio::spawn(pump(eventloop, sender, line.clone()));
        Ok(Self { client, unacknowledged: 0, line, events, pump })
    }

    /// Hands over a message that is to stay on the broker; returns whether there was room for it.
    pub(crate) fn publish(&mut self, topic: &str, payload: Bytes) -> bool {
        let bytes = topic.len() + payload.len() + PACKET_BYTES;
        let handed = self.client.try_publish(topic, QoS::AtLeastOnce, true, payload).is_ok();
        if handed {
            self.line.sent(bytes);
        }
        self.unacknowledged += usize::from(handed);
        handed
    }

    /// Hands over a message that is for those who listen now; one that finds no room is not sent.
    pub(crate) fn say(&self, topic: &str, payload: Bytes) {
        self.line.sent(topic.len() + payload.len() + PACKET_BYTES);
        let _ = self.client.try_publish(topic, QoS::AtMostOnce, false, payload);
    }

    /// Counts a message that is not handed over by [`Self::publish`]: its topics and content, bytes.
    pub(crate) fn sends(&self, bytes: usize) {
        self.line.sent(bytes + PACKET_BYTES);
    }

    /// Waits for the next packet from the broker.
    ///
    /// # Errors
    /// A sentence: the connection is over.
    pub(crate) async fn next(&mut self) -> Result<Packet, String> {
        loop {
            match self.events.recv().await {
                Some(Ok(Event::Incoming(packet))) => {
                    if let Packet::PubAck(_) = packet {
                        self.unacknowledged = self.unacknowledged.saturating_sub(1);
                    }
                    return Ok(packet);
                }
                Some(Ok(Event::Outgoing(_))) => (),
                Some(Err(error)) => return Err(in_words(&error)),
                None => return Err("the connection ended".into()),
            }
        }
    }

    /// Waits until all that was handed over is with the broker and the connection is closed in order.
    pub(crate) async fn close(mut self, longest: Duration) {
        let closed = timeout(longest, async {
            // A connection that is closed with something unread in it takes along what the broker has not read yet.
            while self.unacknowledged > 0 {
                if self.next().await.is_err() {
                    return;
                }
            }
            let _ = self.client.disconnect().await;
            // It is the broker that closes it.
            while self.next().await.is_ok() {}
        });
        let _ = closed.await;
    }
}

/// Moves the connection on until it is over; it is not opened again here.
async fn pump(mut eventloop: EventLoop, events: mpsc::Sender<Result<Event, ConnectionError>>, line: Line) {
    loop {
        let event = eventloop.poll().await;
        match &event {
            Ok(Event::Incoming(Packet::ConnAck(_))) => {
                line.opened();
                line.received(4);
            }
            Ok(Event::Incoming(Packet::Publish(publish))) => {
                line.received(publish.topic.len() + publish.payload.len() + PACKET_BYTES);
            }
            Ok(Event::Incoming(_)) => line.received(4),
            // The small packets of the protocol; messages are counted as they are handed over.
            Ok(Event::Outgoing(_)) => line.sent(4),
            Err(_) => (),
        }
        let over = event.is_err();
        if events.send(event).await.is_err() || over {
            return;
        }
    }
}

/// Returns an address of the broker that may be asked.
async fn vetted(settings: &Settings) -> Result<SocketAddr, String> {
    let host = settings.host.trim_matches(['[', ']']);
    let found = timeout(CONNECT, lookup_host((host, settings.port))).await;
    let found = found.map_err(|_| format!("the name {host} could not be looked up in time"))?;
    let mut found = found.map_err(|_| format!("no computer of the name {host} was found"))?;
    let first = found.find(|address| camera::may_be_asked(address.ip()));
    first.ok_or_else(|| "no broker can have this address".into())
}

/// Says what went wrong.
fn in_words(error: &ConnectionError) -> String {
    match error {
        ConnectionError::ConnectionRefused(code) => refused(*code).into(),
        ConnectionError::NetworkTimeout | ConnectionError::FlushTimeout => {
            "it does not answer in time".into()
        }
        ConnectionError::Io(error) => io_in_words(error),
        ConnectionError::Tls(error) => one_line(
            &format!("the encrypted connection failed, is its certificate known to this computer? {error}"),
            LONGEST,
        ),
        ConnectionError::NotConnAck(_) => "what answers there is no MQTT broker".into(),
        ConnectionError::MqttState(error) => one_line(&error.to_string(), LONGEST),
        ConnectionError::RequestsDone => "the connection ended".into(),
    }
}

fn io_in_words(error: &io::Error) -> String {
    let is = |kinds: &[ErrorKind]| kinds.contains(&error.kind());
    if is(&[ErrorKind::ConnectionRefused]) {
        "nothing listens there: check the port, and that the broker runs".into()
    } else if is(&[ErrorKind::HostUnreachable, ErrorKind::NetworkUnreachable]) {
        "it cannot be reached".into()
    } else if is(&[ErrorKind::ConnectionReset, ErrorKind::ConnectionAborted, ErrorKind::UnexpectedEof]) {
        "it closed the connection".into()
    } else {
        one_line(&error.to_string(), LONGEST)
    }
}

/// The broker's own answer.
fn refused(code: ConnectReturnCode) -> &'static str {
    match code {
        ConnectReturnCode::Success => "it took the connection",
        ConnectReturnCode::RefusedProtocolVersion => "the broker does not speak MQTT 3.1.1",
        ConnectReturnCode::BadClientId => "the broker does not take our name",
        ConnectReturnCode::ServiceUnavailable => "the broker says that it is not available",
        ConnectReturnCode::BadUserNamePassword => "the broker refuses this user and password",
        ConnectReturnCode::NotAuthorized => "the broker refuses this login: check user and password",
    }
}

/// Connects once, to try it, and says what the broker answers.
///
/// # Errors
/// Why it does not work, for people.
pub(crate) async fn try_it(settings: &Settings, password: &str, name: &str) -> Result<String, String> {
    let mut broker = Broker::connect(settings, password, name, None).await?;
    let answer =
        timeout(CONNECT, broker.next()).await.map_err(|_| "it does not answer in time".to_owned())??;
    broker.close(Duration::from_secs(2)).await;
    let Packet::ConnAck(ack) = answer else {
        return Err(one_line(&format!("it answered something else: {answer:?}"), LONGEST));
    };
    Ok(refused(ack.code).into())
}
