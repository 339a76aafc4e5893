//! Hears other machines, on a connection of its own: whatever stands on the broker there, it costs neither Home Assistant
//! nor what this machine says of itself.

use crate::broker::Broker;
use crate::inner::{Backoff, Inner};
use crate::others::At;
use crate::settings::Settings;
use crate::topics::{Topics, machines, read_other};
use rumqttc::{Packet, Publish, QoS, SubscribeFilter};
use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// Whoever was not asked for is asked for so often.
const EVERY: Duration = Duration::from_secs(1);
/// Messages that are looked at in a second; more have to wait at the broker.
const PACE: u32 = 2_000;
/// Machines that come and go on one connection: after these it begins anew, so that the broker keeps no list of them.
const MOST_FOLLOWED: usize = 500;

/// Hears the others for as long as the core lives and a person has switched it on.
pub(crate) async fn run(inner: Arc<Inner>) {
    let mut control = inner.control.subscribe();
    let mut backoff = Backoff::new();
    loop {
        control.mark_unchanged();
        if *inner.leaving.borrow() {
            return;
        }
        let settings = inner.settings();
        if !settings.enabled || !settings.others {
            *inner.others() = Default::default();
            if control.changed().await.is_err() {
                return;
            }
            continue;
        }
        let begun = Instant::now();
        let lost = connection(&inner, &settings, &mut control).await;
        *inner.asker.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let Err(why) = lost else {
            // Another broker has other machines.
            *inner.others() = Default::default();
            backoff = Backoff::new();
            continue;
        };
        inner.others().on_lost(Some(why));
        backoff.wait(begun, &mut control).await;
    }
}

/// Runs one connection until the settings change or the core ends.
///
/// # Errors
/// Why it is over, in words.
async fn connection(
    inner: &Inner,
    settings: &Settings,
    control: &mut watch::Receiver<u64>,
) -> Result<(), String> {
    let name = format!("printvigil-{}-others", inner.node());
    let mut broker = Broker::connect(settings, &inner.password.get(), &name, None).await?;
    let mut followed = BTreeSet::new();
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut left = PACE;
    loop {
        tokio::select! {
            biased;
            _ = control.changed() => return Ok(()),
            _ = tick.tick() => {
                left = PACE;
                follow(inner, settings, &broker, &mut followed);
            }
            packet = broker.next(), if left > 0 => {
                let packet = packet?;
                if let Packet::ConnAck(_) = packet {
                    on_connected(inner, settings, &broker);
                } else if let Packet::Publish(message) = packet {
                    left -= 1;
                    on_message(inner, settings, &message);
                    follow(inner, settings, &broker, &mut followed);
                }
            }
        }
        if followed.len() > MOST_FOLLOWED {
            return Err("too many machines come and go on the broker".into());
        }
    }
}

fn on_connected(inner: &Inner, settings: &Settings, broker: &Broker) {
    inner.others().on_connected(Instant::now());
    *inner.asker.lock().unwrap_or_else(PoisonError::into_inner) = Some(broker.client.clone());
    let filters = machines(settings).map(|path| SubscribeFilter { path, qos: QoS::AtLeastOnce });
    broker.sends(filters.iter().map(|filter| filter.path.len() + 3).sum());
    if let Err(error) = broker.client.try_subscribe_many(filters) {
        tracing::warn!(%error, "the broker was not asked for other machines");
    }
}

fn on_message(inner: &Inner, settings: &Settings, message: &Publish) {
    let Some((node, about)) = read_other(settings, &message.topic) else { return };
    if node == inner.node() {
        return;
    }
    let at = At { mono: Instant::now(), wall: inner.station.now() };
    inner.others().on_message(node, about, &message.payload, message.retain, at);
}

/// Asks for what the machines tell that are known by now: only of these, so that nobody fills this computer's memory.
fn follow(inner: &Inner, settings: &Settings, broker: &Broker, followed: &mut BTreeSet<String>) {
    let mut others = inner.others();
    if inner.asker.lock().unwrap_or_else(PoisonError::into_inner).is_none() {
        return;
    }
    while let Some(node) = others.next_to_follow() {
        let topics = Topics::new(settings, &node);
        let filters = topics.told_by_it().map(|path| SubscribeFilter { path, qos: QoS::AtLeastOnce });
        broker.sends(filters.iter().map(|filter| filter.path.len() + 3).sum());
        if broker.client.try_subscribe_many(filters).is_err() {
            others.not_followed(&node);
            return;
        }
        followed.insert(node);
    }
}
