//! One connection to the broker, from the first word to the last.
//!
//! Nothing is waited for that others need: messages are handed over where there is room, and what found none is handed over
//! a second later, in its newest form.

use crate::board::{Board, Composer, OFFLINE, Wanted};
use crate::broker::Broker;
use crate::inner::{Inner, Standing};
use crate::settings::Settings;
use crate::told;
use crate::topics::{Command, PRESS, Topics};
use bytes::Bytes;
use domain::{AlertOverwrite, PrinterId, Request};
use rumqttc::{Packet, Publish, QoS, SubscribeFilter};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

/// The state is told at most so often.
const EVERY: Duration = Duration::from_secs(1);
/// Other machines are told every so many of these that this one is there.
const ALIVE_EVERY: u32 = 2;
/// So long after connecting we look for what we left on the broker.
const LOOK_BACK: Duration = Duration::from_secs(10);
/// The last words may take so long.
const LEAVING: Duration = Duration::from_secs(2);
/// Commands that are under way at once.
const MOST_COMMANDS: usize = 4;
/// What is not understood stands in the log at most so often.
const LOG_EVERY: Duration = Duration::from_secs(10);
/// So much of a foreign topic stands there, characters.
const LOGGED: usize = 120;

/// Why a connection is over.
pub(crate) enum Ended {
    /// The settings changed, or the core ends.
    Told,
    /// The broker, or the way to it; in words.
    Lost(String),
}

struct Session<'a> {
    inner: &'a Inner,
    settings: &'a Settings,
    topics: Topics,
    broker: Broker,
    board: Board,
    composer: Composer,
    commands: JoinSet<()>,
    /// Since when there is a connection, and whether we still look for what we left behind.
    connected: Option<Instant>,
    looking_back: bool,
    logged: Option<Instant>,
    ticks: u32,
}

/// Runs one connection.
pub(crate) async fn run(inner: &Inner, settings: &Settings, control: &mut watch::Receiver<u64>) -> Ended {
    let topics = Topics::new(settings, inner.node());
    let name = format!("printvigil-{}", inner.node());
    let broker = match Broker::connect(settings, &inner.password.get(), &name, Some(&topics)).await {
        Ok(broker) => broker,
        Err(why) => return Ended::Lost(why),
    };
    let mut session = Session {
        inner,
        settings,
        topics,
        broker,
        board: Board::default(),
        composer: Composer::default(),
        commands: JoinSet::new(),
        connected: None,
        looking_back: true,
        logged: None,
        ticks: 0,
    };
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            packet = session.broker.next() => match packet {
                Ok(packet) => session.on_packet(packet),
                Err(why) => return Ended::Lost(why),
            },
            _ = tick.tick() => {
                session.tell();
                session.say_alive();
            }
            _ = control.changed() => {
                session.leave().await;
                return Ended::Told;
            }
        }
    }
}

impl Session<'_> {
    fn on_packet(&mut self, packet: Packet) {
        if let Packet::ConnAck(_) = packet {
            self.on_connected();
        } else if let Packet::Publish(message) = packet {
            self.on_message(&message);
        }
    }

    fn on_connected(&mut self) {
        tracing::info!(host = self.settings.host, "connected to the MQTT broker");
        self.connected = Some(Instant::now());
        self.inner.stand(Standing::Connected);
        let mut filters: Vec<String> = self.topics.left_behind().into();
        filters.push(self.topics.birth());
        let mut filters: Vec<SubscribeFilter> =
            filters.into_iter().map(|path| SubscribeFilter { path, qos: QoS::AtLeastOnce }).collect();
        if self.settings.buttons {
            // At most once: no command comes late, or twice.
            filters.push(SubscribeFilter { path: self.topics.commands(), qos: QoS::AtMostOnce });
        }
        self.broker.sends(filters.iter().map(|filter| filter.path.len() + 3).sum());
        if let Err(error) = self.broker.client.try_subscribe_many(filters) {
            tracing::warn!(%error, "the broker was not asked for commands");
        }
        self.tell();
    }

    /// Tells what has changed; what does not find room is told the next time.
    fn tell(&mut self) {
        while self.commands.try_join_next().is_some() {}
        let Some(connected) = self.connected else { return };
        if self.looking_back && connected.elapsed() > LOOK_BACK {
            self.looking_back = false;
            for path in self.topics.left_behind() {
                self.broker.sends(path.len());
                let _ = self.broker.client.try_unsubscribe(path);
            }
        }
        let wanted = self.composer.wanted(&self.inner.station, &self.topics, self.settings);
        self.send(&wanted);
    }

    fn say_alive(&mut self) {
        self.ticks = self.ticks.wrapping_add(1);
        if self.settings.others && self.connected.is_some() && self.ticks.is_multiple_of(ALIVE_EVERY) {
            self.broker.say(&self.topics.alive(), told::machine(self.settings));
        }
    }

    /// Returns whether all of it was handed over.
    fn send(&mut self, wanted: &Wanted) -> bool {
        for (topic, payload) in self.board.missing(wanted) {
            if !self.broker.publish(&topic, payload.clone()) {
                return false;
            }
            self.board.sent(topic, payload);
        }
        true
    }

    fn on_message(&mut self, message: &Publish) {
        let topic = message.topic.as_str();
        if topic == self.topics.birth() {
            // Home Assistant has started and may have forgotten all.
            if message.payload == b"online"[..] && !message.retain {
                self.board.tell_again();
            }
        } else if let Some((printer, command)) = self.topics.read_command(topic) {
            self.on_command(message, printer, command);
        } else if message.retain && !message.payload.is_empty() {
            self.on_left_behind(topic);
        } else if !self.topics.is_config(topic)
            && self.topics.read_state(topic).is_none()
            && topic != self.topics.machine()
        {
            self.log("a message that is no command is ignored", topic);
        }
    }

    /// Something of ours stands on the broker: it goes unless it is wanted.
    fn on_left_behind(&mut self, topic: &str) {
        if let Some(printer) = self.topics.read_state(topic) {
            if !self.is_shown(printer) {
                self.board.found(topic.to_owned());
                self.board.found(self.topics.picture(printer));
            }
        } else if topic == self.topics.machine() {
            self.board.found(topic.to_owned());
        } else if self.topics.is_config(topic) {
            let entity = topic.rsplit('/').nth(1).unwrap_or_default();
            let printer = entity.split_once('_').and_then(|(id, _)| id.parse().ok()).map(PrinterId);
            // A printer that was only just found has not told of its heaters yet.
            let heater = entity.ends_with("_actual") || entity.ends_with("_target");
            if !(heater && printer.is_some_and(|id| self.is_shown(id))) {
                self.board.found(topic.to_owned());
            }
        }
    }

    fn is_shown(&self, id: PrinterId) -> bool {
        self.inner.station.snapshot().shown().any(|view| view.id == id)
    }

    fn on_command(&mut self, message: &Publish, printer: PrinterId, command: Command) {
        if message.retain {
            // Somebody's mistake of long ago: it must not pause a print whenever we connect.
            self.log("a retained command is ignored and taken away", &message.topic);
            self.broker.sends(message.topic.len());
            let _ = self.broker.client.try_publish(&message.topic, QoS::AtMostOnce, true, Bytes::new());
            return;
        }
        if message.payload != PRESS {
            if !message.payload.is_empty() {
                self.log("a command that says anything but PRESS is ignored", &message.topic);
            }
            return;
        }
        if !self.is_shown(printer) || self.commands.len() >= MOST_COMMANDS {
            return self.log("a command is ignored: no such printer, or too many at once", &message.topic);
        }
        let request = match command {
            Command::Pause => Request::Pause(printer),
            Command::Resume => Request::Resume(printer),
            Command::Cancel => Request::Cancel(printer),
            Command::NotFailed => Request::Acknowledge(printer, Some(AlertOverwrite::NotFailed)),
            Command::Mute => Request::Mute(printer, true),
        };
        let station = self.inner.station.clone();
        // The same way as a request of the page: the hub decides, and the state tells what came of it.
        self.commands.spawn(async move {
            match station.ask(request).await {
                Ok(_) => tracing::info!(%printer, command = command.word(), "asked by MQTT"),
                Err(error) => tracing::warn!(%printer, command = command.word(), %error, "refused what was asked by MQTT"),
            }
        });
    }

    fn log(&mut self, what: &str, topic: &str) {
        if self.logged.is_none_or(|at| at.elapsed() > LOG_EVERY) {
            self.logged = Some(Instant::now());
            let topic: String = topic.chars().filter(|c| !c.is_control()).take(LOGGED).collect();
            tracing::warn!(topic, "MQTT: {what}");
        }
    }

    /// Leaves in order: what stands there stays and says offline, or goes where these settings hold no longer.
    async fn leave(mut self) {
        if self.connected.is_none() {
            return;
        }
        let stays = self.settings.same_place(&self.inner.settings());
        let mut wanted = Wanted::new();
        if stays {
            wanted = self.composer.wanted(&self.inner.station, &self.topics, self.settings);
            wanted.insert(self.topics.status(), Bytes::from_static(OFFLINE));
        }
        let told = timeout(LEAVING, async {
            while !self.send(&wanted) {
                // There is room as soon as the broker has taken something.
                if self.broker.next().await.is_err() {
                    return;
                }
            }
        });
        if told.await.is_err() {
            tracing::warn!("the MQTT broker did not take our last words in time");
        }
        self.broker.close(LEAVING).await;
    }
}
