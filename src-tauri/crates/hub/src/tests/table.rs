//! Effects as readable lines.

use domain::{Effect, FilmWish, Order, Print, View, Write};

/// Everything but what is published, what each look stores, and that the card of the last print is kept.
pub(super) fn told(effects: &[Effect]) -> String {
    whole(effects)
        .lines()
        .filter(|line| !["show", "look", "means", "card"].iter().any(|word| line.starts_with(word)))
        .map(|line| format!("{line}\n"))
        .collect()
}

/// Everything.
pub(super) fn whole(effects: &[Effect]) -> String {
    effects.iter().map(|effect| line(effect) + "\n").collect()
}

fn line(effect: &Effect) -> String {
    match effect {
        Effect::Order(id, order) => format!("ORDER {id} {}", order_words(order)),
        Effect::Watch(id, Some(every)) => format!("watch {id} every {every} ms"),
        Effect::Watch(id, None) => format!("watch {id} off"),
        Effect::LookAt(id, View::Whole) => format!("look at all that the camera of {id} sees"),
        Effect::LookAt(id, View::Closer(at)) => {
            format!("look closer at {:.2} {:.2} in the picture of {id}", at.x, at.y)
        }
        Effect::KeepFrame { frame, print, why, line, layer_idx } => {
            format!("keep frame {} of print {print}: {} {line:?} {layer_idx:?}", frame.id, why.word())
        }
        Effect::ThinFrames(print) => format!("drop every second frame of print {print}"),
        Effect::Evidence { printer, print, frame } => {
            format!("evidence at frame {} of print {print}, printer {printer}", frame.id)
        }
        Effect::Record(write, reply) => {
            let waits = if reply.is_some() { " (answer when stored)" } else { "" };
            format!("{}{waits}", write_words(write))
        }
        Effect::Publish(view) => format!("show {} {}", view.id, view.vigil.state_word),
        Effect::Notify(n) => format!("NOTICE {:?}: {} | {}{}", n.kind, n.title, n.text, picture(n.frame)),
        Effect::Film(print, FilmWish::Film) => format!("film of print {print}"),
        Effect::Film(print, FilmWish::Poster) => format!("poster of print {print}"),
        Effect::KeepLook(look) => {
            format!("keep look at frame {}: p {} counted {:.2}", look.frame, look.p, look.counted)
        }
        Effect::Drill(id, pictures) => format!("drill {id}: {pictures:?}"),
        Effect::WatchFailed(id, what) => format!("FAILED {id}: {what}"),
        Effect::Reply(to, Ok(print)) => format!("answer {}: yes {print:?}", to.0),
        Effect::Reply(to, Err(no)) => format!("answer {}: {} - {}. {}", to.0, no.code, no.message, no.hint),
    }
}

fn picture(frame: Option<domain::FrameId>) -> String {
    frame.map(|frame| format!(" [frame {frame}]")).unwrap_or_default()
}

fn order_words(order: &Order) -> String {
    match order {
        Order::Start(job) => {
            format!("start print {} {:?} at {:?} by {:?}", job.print, job.name, job.path, job.initiator)
        }
        Order::Pause(r, by) => format!(
            "pause by {by:?}: retract {} lift {} of {} hotend_off {} bed_off {}",
            r.retract_mm, r.lift_z_mm, r.max_z_mm, r.hotend_off, r.bed_off
        ),
        Order::Resume(by) => format!("resume by {by:?}"),
        Order::Cancel(by) => format!("cancel by {by:?}"),
        Order::CoolDown => "cool down".into(),
        Order::BedOff => "bed off".into(),
        Order::Home(axes) => format!("home {axes:?}"),
        Order::SetTarget(heater, c) => format!("set {} to {c}", heater.key()),
        Order::Offsets(offsets) => format!("offsets {offsets:?}"),
        Order::Connect => "connect".into(),
        Order::Disconnect => "disconnect".into(),
        Order::Sd(order) => format!("{order:?}"),
        Order::Follow { print, ext_id } => format!("follow {print} as {ext_id}"),
        Order::Tool(tool) => format!("{tool:?}"),
        Order::Stop(leave) => format!("stop {leave:?}"),
    }
}

fn write_words(write: &Write) -> String {
    match write {
        Write::Printer(p) => {
            format!("printer row: {:?}, print {:?}", p.name, p.current_print.map(|id| id.get()))
        }
        Write::Print(print) => format!("print row: {}", print_words(print)),
        Write::Event(e) => {
            let word = |v: serde_json::Value| v.as_str().unwrap_or_default().to_owned();
            let kind = word(serde_json::to_value(e.event_type).unwrap());
            let class = word(serde_json::to_value(e.event_class).unwrap());
            let image = e.image_url.as_ref().map(|url| format!(" [{url}]")).unwrap_or_default();
            let print = e.print.map(|id| id.get());
            format!(
                "log {kind} {class} {:?} print {print:?}: {} | {}{image}",
                e.initiator, e.event_title, e.event_text
            )
        }
        Write::Look(row) => {
            format!("look at frame {}: p {} frames {}", row.frame, row.p, row.state.current_frame_num)
        }
        Write::Prediction(s) => format!("means: {} of {} frames", s.current_frame_num, s.lifetime_frame_num),
        Write::Frame(row) => format!("frame row {}", row.id),
        Write::DetectionHours(hours) => format!("detection hours: {hours:.2}"),
        Write::Overwrite { print, answer, acknowledged_at } => {
            let answered = if acknowledged_at.is_some() { ", the alert answered" } else { "" };
            format!("word on print {print}: {answer:?}{answered}")
        }
        Write::LastPrint(printer, card) => {
            format!("card of {printer}: {:?}", card.as_ref().map(|card| card.print.get()))
        }
        Write::Queue(printer, items) => {
            let item = |item: &domain::QueueItem| {
                let why = item.why.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
                let gone = if item.gone { " gone" } else { "" };
                format!(" {}: {}x {}{gone}{why};", item.id, item.copies, item.name)
            };
            format!("queue of {printer}:{}", items.iter().map(item).collect::<String>())
        }
        Write::LoadedSpools(printer, loaded) => {
            let on = |loaded: &domain::LoadedSpool| format!(" {} on {}", loaded.spool, loaded.tool);
            format!("loaded on {printer}:{}", loaded.iter().map(on).collect::<String>())
        }
        Write::SpoolUse(print, parts) => {
            let part = |part: &domain::SpoolUse| {
                let spool = part.spool.map(|id| id.to_string()).unwrap_or_else(|| "?".into());
                format!(" {}{spool}: {} mm", if part.about { "about " } else { "" }, part.used_mm)
            };
            format!("print {print} used{}", parts.iter().map(part).collect::<String>())
        }
        Write::CardUse(used) => {
            format!("print {} was {:.0} % of {} on the card", used.print, used.share * 100.0, used.name)
        }
        Write::Film(print, state, why) => {
            format!("film of {print}: {state:?} {}", why.as_deref().unwrap_or_default())
        }
        Write::Temperature(row) => format!("temperatures: {}", row.heaters.len()),
        Write::Decision(row) => format!(
            "decision at frame {} by {:?}: {:?}, level {:.3} of {:.3}",
            row.frame, row.reasons.rule, row.reasons.verdict, row.reasons.level, row.reasons.warn_above
        ),
        Write::Scale(row) => format!("print {} is judged by a scale of {}", row.print, row.calibration.model),
        Write::Taught(print, taught) => format!("print {print} taught from {:.0} s", taught.secs()),
        Write::ForgetScale(camera) => format!("what was learnt of camera {camera} is forgotten"),
        Write::Gap(gap) => format!("gap of {} s: {}", gap.to.secs_since(gap.from), gap.why),
        Write::Coverage(c) => format!("coverage {} of {} s", c.watched_secs, c.printing_secs),
        Write::Feedback(row) => format!("frame {} answered {:?}", row.frame, row.answer),
    }
}

/// Each field that is set, times as seconds since the desk's beginning.
fn print_words(p: &Print) -> String {
    let zero = domain::Now::at(0).utc;
    let mut words = format!("{} {:?} from {}", p.id, p.filename, p.started_at.secs_since(zero));
    for (name, time) in [
        ("finished", p.finished_at),
        ("cancelled", p.cancelled_at),
        ("alerted", p.alerted_at),
        ("answered", p.alert_acknowledged_at),
        ("muted", p.alert_muted_at),
        ("paused", p.paused_at),
    ] {
        if let Some(time) = time {
            words += &format!(", {name} {}", time.secs_since(zero));
        }
    }
    for (name, word) in [
        ("by", p.ended_by.map(|by| format!("{by:?}"))),
        ("why", p.ended_why.clone()),
        ("word", p.alert_overwrite.map(|word| format!("{word:?}"))),
        ("time", p.print_time.map(|secs| secs.to_string())),
        ("filament", p.filament_used.map(|mm| mm.to_string())),
        ("video", p.video_url.clone()),
        ("poster", p.poster_url.clone()),
    ] {
        if let Some(word) = word {
            words += &format!(", {name} {word}");
        }
    }
    words + if p.demo { ", demo" } else { "" }
}
