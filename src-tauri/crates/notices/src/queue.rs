//! Messages on their way: each waits in the database until its service has taken it, so that an outage, a limit of the
//! service or a restart loses none.

use crate::config;
use crate::message::{Facts, Message};
use crate::outcome::Outcome;
use crate::quiet::is_quiet;
use crate::requests::Said;
use crate::secrets::{Secrets, hide};
use crate::send::Sender;
use domain::{DeliveryState, MessageTopic, NotificationSetting, PrinterId, Timestamp};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::time::Duration;
use store::delivery::{DueDelivery, NewDelivery};
use store::{Store, StoreError};

/// How long it is waited after the first, second, ... try.
const WAITS: [Duration; 6] = [
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(60),
    Duration::from_secs(300),
    Duration::from_secs(900),
    Duration::from_secs(1800),
];
/// After so long an urgent message is given up.
const URGENT_FOR: Duration = Duration::from_secs(24 * 3600);
/// After so long any other is: nobody wants to know in the morning that a bed was hot in the evening.
const OTHERS_FOR: Duration = Duration::from_secs(2 * 3600);
/// Messages taken from the queue at once.
const MOST_DUE: u32 = 50;

/// Returns whether a setting wants a message.
pub(crate) fn wants(setting: &NotificationSetting, message: &Message) -> bool {
    let topic = match message.topic {
        MessageTopic::Failure | MessageTopic::Trouble => setting.notify_on_failure_alert,
        MessageTopic::PrintDone => setting.notify_on_print_done,
        MessageTopic::PrintCancelled => setting.notify_on_print_cancelled,
        MessageTopic::FilamentChange => setting.notify_on_filament_change,
        MessageTopic::PrintStart => setting.notify_on_print_start,
        MessageTopic::PrintPause => setting.notify_on_print_pause,
        MessageTopic::PrintResume => setting.notify_on_print_resume,
        MessageTopic::HeaterStatus => setting.notify_on_heater_status,
        MessageTopic::Test => true,
    };
    setting.enabled && topic && of_its_printers(setting, message.printer)
}

/// No list, or an empty one, is all printers.
fn of_its_printers(setting: &NotificationSetting, printer: Option<PrinterId>) -> bool {
    let (Some(printer), Some(chosen)) =
        (printer, setting.config.get("printers").and_then(|ids| ids.as_array()))
    else {
        return true;
    };
    chosen.is_empty() || chosen.iter().any(|id| id.as_i64() == Some(printer.get()))
}

/// Puts a message into the queue of each setting that wants it.
pub(crate) fn enqueue(store: &Store, message: &Message, now: Timestamp) -> Result<(), StoreError> {
    let wanting: Vec<NotificationSetting> = store
        .read(store::notification::list)?
        .into_iter()
        .filter(|setting| wants(setting, message))
        .collect();
    if wanting.is_empty() {
        return Ok(());
    }
    let zone = TimeZone::system();
    let rows: Vec<NewDelivery> = wanting
        .iter()
        // The window's own notices are a setting, too; the window sees to them.
        .filter(|setting| crate::services::service(&setting.name).is_some())
        .map(|setting| {
            let quiet = !message.topic.is_urgent() && is_quiet(&setting.config, now, &zone);
            NewDelivery {
                setting: setting.id,
                printer: message.printer,
                topic: message.topic,
                title: message.title.clone(),
                text: message.text.clone(),
                facts: serde_json::to_value(&message.facts).unwrap_or_default(),
                picture: message.picture.as_ref().map(|picture| picture.to_vec()),
                created_at: now,
                state: if quiet { DeliveryState::Quiet } else { DeliveryState::Waiting },
                answer: if quiet { "quiet hours".into() } else { String::new() },
            }
        })
        .collect();
    store.write_now(move |tx| rows.iter().try_for_each(|row| store::delivery::insert(tx, row)))
}

/// Tries all that is due, each service by itself and in order. Returns when the next is due.
pub(crate) fn deliver_due(
    store: &Store,
    secrets: &Secrets,
    sender: &Sender,
    now: impl Fn() -> Timestamp + Sync,
) -> Result<Option<Timestamp>, StoreError> {
    let due = store.read(|conn| store::delivery::due(conn, now(), MOST_DUE))?;
    if !due.is_empty() {
        let settings = store.read(store::notification::list)?;
        let mut by_setting: BTreeMap<i64, Vec<DueDelivery>> = BTreeMap::new();
        for one in due {
            by_setting.entry(one.entry.setting).or_default().push(one);
        }
        // A service that hangs keeps no other waiting for longer than its own tries.
        let broken: Vec<StoreError> = std::thread::scope(|scope| {
            let tries: Vec<_> = by_setting
                .into_iter()
                .filter_map(|(id, due)| Some((settings.iter().find(|setting| setting.id == id)?, due)))
                .map(|(setting, due)| {
                    let now = &now;
                    scope.spawn(move || deliver(store, secrets, sender, setting, &due, now))
                })
                .collect();
            tries.into_iter().filter_map(|tried| tried.join().ok()?.err()).collect()
        });
        if let Some(error) = broken.into_iter().next() {
            return Err(error);
        }
    }
    store.read(store::delivery::next_at)
}

fn deliver(
    store: &Store,
    secrets: &Secrets,
    sender: &Sender,
    setting: &NotificationSetting,
    due: &[DueDelivery],
    now: &(impl Fn() -> Timestamp + Sync),
) -> Result<(), StoreError> {
    for one in due {
        let outcome = if setting.enabled {
            try_once(secrets, sender, setting, one)
        } else {
            Outcome::Refused("this service is switched off".into())
        };
        let (state, next_at, answer) = judged(one, outcome, now());
        let id = one.entry.id;
        let wait_on = state == DeliveryState::Waiting;
        store.write_now(move |tx| store::delivery::tried(tx, id, state, next_at, &answer))?;
        if wait_on {
            // What does not work now does not work for those behind it, and they keep their order.
            break;
        }
    }
    Ok(())
}

fn try_once(secrets: &Secrets, sender: &Sender, setting: &NotificationSetting, one: &DueDelivery) -> Outcome {
    let facts: Facts = serde_json::from_value(one.facts.clone()).unwrap_or_default();
    let message = Message {
        printer: one.entry.printer,
        topic: one.entry.topic,
        title: one.entry.title.clone(),
        text: one.entry.text.clone(),
        facts,
        picture: one.picture.clone().map(Into::into),
    };
    send_now(secrets, sender, setting, &message, one.entry.created_at)
}

/// Sends a message without the queue.
pub(crate) fn send_now(
    secrets: &Secrets,
    sender: &Sender,
    setting: &NotificationSetting,
    message: &Message,
    at: Timestamp,
) -> Outcome {
    let whole = secrets.whole(setting.id, &setting.config);
    let channel = match config::read(&setting.name, &whole) {
        Ok(channel) => channel,
        Err(why) => return Outcome::Refused(why),
    };
    let time =
        jiff::Timestamp::from_microsecond(at.micros()).map(|time| time.to_string()).unwrap_or_default();
    let said = Said {
        topic: message.topic,
        title: &message.title,
        text: &message.text,
        facts: &message.facts,
        time: &time,
        picture: message.picture.as_deref(),
    };
    let hide = |text: String| hide(&text, &whole, &setting.name);
    match sender.send(&channel, said) {
        Outcome::Sent(said) => Outcome::Sent(hide(said)),
        Outcome::Later(why, after) => Outcome::Later(hide(why), after),
        Outcome::Refused(why) => Outcome::Refused(hide(why)),
    }
}

/// Returns how it stands with a message after a try, and when it is tried again.
fn judged(one: &DueDelivery, outcome: Outcome, now: Timestamp) -> (DeliveryState, Option<Timestamp>, String) {
    match outcome {
        Outcome::Sent(said) => (DeliveryState::Sent, None, said),
        Outcome::Refused(why) => (DeliveryState::Refused, None, why),
        Outcome::Later(why, after) => {
            let last = WAITS.len() - 1;
            let usual = WAITS[(one.entry.attempts as usize).min(last)];
            let next = now.plus_secs(after.map_or(usual, |after| after.max(usual)).as_secs_f64());
            let most = if one.entry.topic.is_urgent() { URGENT_FOR } else { OTHERS_FOR };
            if next.secs_since(one.entry.created_at) > most.as_secs_f64() {
                (DeliveryState::GivenUp, None, why)
            } else {
                (DeliveryState::Waiting, Some(next), why)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::NoticeDelivery;
    use serde_json::json;

    fn due(topic: MessageTopic, attempts: u32) -> DueDelivery {
        let entry = NoticeDelivery {
            id: 1,
            setting: 1,
            service: "ntfy".into(),
            printer: None,
            topic,
            title: String::new(),
            text: String::new(),
            created_at: Timestamp::from_micros(0),
            state: DeliveryState::Waiting,
            attempts,
            next_at: Some(Timestamp::from_micros(0)),
            answer: String::new(),
        };
        DueDelivery { entry, facts: json!({}), picture: None }
    }

    fn at(secs: f64) -> Timestamp {
        Timestamp::from_micros(0).plus_secs(secs)
    }

    #[test]
    fn a_message_waits_longer_each_time_and_an_alert_is_not_given_up_for_a_limit() {
        let later = |after| Outcome::Later("429".into(), after);
        let wait =
            |attempts, now, after| judged(&due(MessageTopic::Failure, attempts), later(after), at(now)).1;
        assert_eq!(wait(0, 0.0, None), Some(at(5.0)));
        assert_eq!(wait(2, 100.0, None), Some(at(160.0)));
        assert_eq!(wait(40, 1000.0, None), Some(at(2800.0)));
        // The service says when; sooner than ours is not taken.
        assert_eq!(wait(0, 0.0, Some(Duration::from_secs(90))), Some(at(90.0)));
        assert_eq!(wait(1, 0.0, Some(Duration::from_secs(1))), Some(at(15.0)));
        let day = 24.0 * 3600.0;
        assert_eq!(judged(&due(MessageTopic::Failure, 40), later(None), at(day)).0, DeliveryState::GivenUp);
        assert_eq!(
            judged(&due(MessageTopic::PrintDone, 4), later(None), at(7000.0)).0,
            DeliveryState::GivenUp
        );
        assert_eq!(judged(&due(MessageTopic::Failure, 4), later(None), at(7000.0)).0, DeliveryState::Waiting);
    }

    #[test]
    fn settings_want_their_topics_and_their_printers() {
        let mut setting = store::notification::with_defaults("ntfy");
        let message = |topic, printer| Message {
            printer: Some(PrinterId(printer)),
            topic,
            title: String::new(),
            text: String::new(),
            facts: Facts::default(),
            picture: None,
        };
        assert!(wants(&setting, &message(MessageTopic::Trouble, 1)));
        assert!(!wants(&setting, &message(MessageTopic::PrintStart, 1)));
        setting.config = json!({"printers": [2]});
        assert!(!wants(&setting, &message(MessageTopic::Failure, 1)));
        assert!(wants(&setting, &message(MessageTopic::Failure, 2)));
        setting.config = json!({"printers": []});
        assert!(wants(&setting, &message(MessageTopic::Failure, 1)));
        setting.enabled = false;
        assert!(!wants(&setting, &message(MessageTopic::Failure, 1)));
    }
}
