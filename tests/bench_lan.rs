//! The network's listener measured: how many requests for a printer's state it answers, how old a picture is at a phone, what
//! ten viewers and ten agents cost, and that no line to a printer waits for them. The clients run in the same process, on
//! threads of their own whose time is taken off.

use crate::bench_store::{arcs, streamed};
use crate::bench_watch::processor_secs;
use crate::now;
use domain::FrameId;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{Builder, Scope};
use std::time::{Duration, Instant};
use tests::agent::{FakeAgent, code};
use tests::network::Lan;
use tests::visitor::Door;
use tests::world::Options;
use tokio::task::block_in_place;
use ureq::Agent;

/// How long each rate is measured.
const MEASURED: Duration = Duration::from_secs(5);
/// How long the processor's share is measured.
const SHARE: Duration = Duration::from_secs(15);
/// Pictures whose way to the phone is timed.
const PICTURES: usize = 60;
/// Viewers, and as many agents.
const CROWD: usize = 10;
/// Begins the names of the clients' threads.
const PEER: &str = "peer";
const STATE: &str = "/api/v1/printers/1/";

/// All of it.
pub(crate) fn run() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let options = Options { demo_scale: 1.0, ..Options::default() };
        let lan = Lan::of(Door::open_as(options).await);
        let (key, _) = lan.key("view");
        block_in_place(|| requests(&lan, &key));
        pictures(&lan, &key).await;
        crowd(&lan, &key).await;
        lan.door.world.end().await;
    });
}

fn client() -> Agent {
    Agent::config_builder().http_status_as_error(false).build().into()
}

fn get(agent: &Agent, lan: &Lan, key: &str, path: &str) -> (u16, Option<i64>, Vec<u8>) {
    let request = agent.get(lan.url(path)).header("Authorization", format!("Bearer {key}"));
    let mut answer = request.call().expect("answered");
    let id = answer.headers().get("x-frame-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let body = answer.body_mut().read_to_vec().expect("read");
    (answer.status().as_u16(), id, body)
}

/// A part of sorted values.
fn part(sorted: &[f64], share: f64) -> f64 {
    sorted.get((sorted.len() as f64 * share) as usize).or(sorted.last()).copied().unwrap_or(f64::NAN)
}

fn peer<'scope>(scope: &'scope Scope<'scope, '_>, work: impl FnOnce() + Send + 'scope) {
    Builder::new().name(PEER.into()).spawn_scoped(scope, work).expect("a thread");
}

/// Returns requests a second and the sorted milliseconds of each.
fn rate(lan: &Lan, key: &str, path: &str, clients: usize) -> (f64, Vec<f64>) {
    let took = Mutex::new(Vec::new());
    let begun = now();
    std::thread::scope(|scope| {
        for _ in 0..clients {
            peer(scope, || {
                let (agent, mut mine) = (client(), Vec::new());
                while begun.elapsed() < MEASURED {
                    let start = now();
                    let (status, _, body) = get(&agent, lan, key, path);
                    assert!(status == 200 && !body.is_empty(), "{path}: {status}");
                    mine.push(start.elapsed().as_secs_f64() * 1e3);
                }
                took.lock().expect("not poisoned").extend(mine);
            });
        }
    });
    let secs = begun.elapsed().as_secs_f64();
    let mut took = took.into_inner().expect("not poisoned");
    took.sort_by(f64::total_cmp);
    (took.len() as f64 / secs, took)
}

fn requests(lan: &Lan, key: &str) {
    for clients in [1, CROWD] {
        let (bare, idle) = rate(lan, key, "/api/v1/version/", clients);
        let (state, took) = rate(lan, key, STATE, clients);
        println!(
            "lan: {clients} client(s) ask for a printer's state: {state:.0} requests a second, median {:.2} ms, 99th \
             percentile {:.2} ms; beside {bare:.0} a second and {:.2} ms for a request for nothing",
            part(&took, 0.5),
            part(&took, 0.99),
            part(&idle, 0.99)
        );
    }
}

/// From the camera's ring, and from an agent's post, until a phone has read the whole picture.
async fn pictures(lan: &Lan, key: &str) {
    let camera = lan.door.world.view().vigil.camera.as_ref().expect("a camera").id;
    let mut frames = lan.door.world.station.frames(camera).expect("it runs");
    let seen: Arc<Mutex<BTreeMap<FrameId, Instant>>> = Arc::default();
    let noting = seen.clone();
    let watching = tokio::spawn(async move {
        while frames.changed().await.is_ok() {
            let id = frames.borrow_and_update().as_ref().map(|frame| frame.info.id);
            noting.lock().expect("not poisoned").extend(id.map(|id| (id, now())));
        }
    });
    let came = block_in_place(|| {
        let (agent, mut after, mut came) = (client(), 0, Vec::new());
        while came.len() < PICTURES {
            let path = format!("/api/v1/vigil/cameras/{camera}/frame.jpg?after={after}");
            if let (200, Some(id), _) = get(&agent, lan, key, &path) {
                after = id;
                came.push((FrameId(id), now()));
            }
        }
        came
    });
    watching.abort();
    let seen = seen.lock().expect("not poisoned").clone();
    let mut took: Vec<f64> = came
        .iter()
        .filter_map(|(id, at)| Some(at.saturating_duration_since(*seen.get(id)?).as_secs_f64() * 1e3))
        .collect();
    took.sort_by(f64::total_cmp);
    println!(
        "lan: a picture of a camera here is at a phone after {:.1} ms (median of {}), 99th percentile {:.1} ms",
        part(&took, 0.5),
        took.len(),
        part(&took, 0.99)
    );
    let mut posted = block_in_place(|| from_agent(lan, key));
    posted.sort_by(f64::total_cmp);
    println!(
        "lan: a picture that an agent posts is at a phone after {:.1} ms (median of {}), 99th percentile {:.1} ms",
        part(&posted, 0.5),
        posted.len(),
        part(&posted, 0.99)
    );
}

fn from_agent(lan: &Lan, key: &str) -> Vec<f64> {
    let mut agent = FakeAgent::link(lan, &code(lan, None));
    assert_eq!(agent.connect(), 101, "the agent is let in");
    agent.settings();
    agent.status(0, "", "Operational", &["operational", "ready"], None);
    let jpeg = sim::sample_picture(true).expect("the sample can be drawn");
    assert_eq!(agent.picture(&jpeg), 200, "the first picture");
    let station = &lan.door.world.station;
    let camera = || {
        let view = station.snapshot().printers.get(&domain::PrinterId(agent.printer)).cloned()?;
        view.vigil.camera.as_ref().map(|camera| camera.id)
    };
    let begun = now();
    let camera = loop {
        if let Some(camera) = camera() {
            break camera;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "the agent's camera is not there");
        std::thread::sleep(Duration::from_millis(50));
    };
    let (phone, mut after, mut took) = (client(), 0, Vec::new());
    while took.len() < PICTURES / 2 {
        let start = now();
        assert_eq!(agent.picture(&jpeg), 200, "posted");
        let path = format!("/api/v1/vigil/cameras/{camera}/frame.jpg?after={after}");
        if let (200, Some(id), _) = get(&phone, lan, key, &path) {
            if after > 0 {
                took.push(start.elapsed().as_secs_f64() * 1e3);
            }
            after = id;
        }
        std::thread::sleep(Duration::from_millis(150));
    }
    took
}

/// Returns the seconds that the process has used apart from its clients.
fn own_secs() -> Option<f64> {
    let peers = std::fs::read_dir("/proc/self/task").ok()?.flatten().filter_map(|task| {
        let stat = std::fs::read_to_string(task.path().join("stat")).ok()?;
        let (head, rest) = stat.rsplit_once(')')?;
        let fields: Vec<f64> = rest.split_whitespace().skip(11).take(2).flat_map(str::parse).collect();
        head.ends_with(&format!("({PEER}")).then(|| fields.iter().sum::<f64>() / 100.0)
    });
    Some(processor_secs()? - peers.sum::<f64>())
}

/// Returns the share of one core over a while.
fn share() -> f64 {
    let (before, start) = (own_secs().unwrap_or(f64::NAN), now());
    std::thread::sleep(SHARE);
    (own_secs().unwrap_or(f64::NAN) - before) / start.elapsed().as_secs_f64() * 100.0
}

/// Ten viewers and ten agents: what they cost, and whether a printer waits for them.
async fn crowd(lan: &Lan, key: &str) {
    let file = arcs(&lan.door);
    let alone = block_in_place(share);
    let quiet = streamed(&lan.door, file.0, file.1, "0123456789abcdef0124").await;
    let camera = lan.door.world.view().vigil.camera.as_ref().expect("a camera").id;
    let jpeg = sim::sample_picture(false).expect("the sample can be drawn");
    let (stop, shown) = (AtomicBool::new(false), AtomicU64::new(0));
    let agents: Vec<FakeAgent<'_>> = (0..CROWD).map(|_| FakeAgent::link(lan, &code(lan, None))).collect();
    let handle = tokio::runtime::Handle::current();
    let (with, rate, busy) = block_in_place(|| {
        std::thread::scope(|scope| {
            for agent in agents {
                peer(scope, || be_agent(agent, &jpeg, &stop));
            }
            for _ in 0..CROWD {
                peer(scope, || {
                    let path = format!("/api/v1/vigil/cameras/{camera}/frame.jpg");
                    be_viewer(lan, key, &path, &stop, &shown);
                });
                peer(scope, || listen(lan, key, &stop));
            }
            std::thread::sleep(Duration::from_secs(2));
            let before = shown.load(Ordering::Relaxed);
            let with = share();
            let rate = (shown.load(Ordering::Relaxed) - before) as f64 / SHARE.as_secs_f64();
            let busy = handle.block_on(streamed(&lan.door, file.0, file.1, "0123456789abcdef0125"));
            stop.store(true, Ordering::Relaxed);
            (with, rate, busy)
        })
    });
    println!(
        "lan: ten viewers ({rate:.0} pictures a second together, and the live socket) and ten agents (state and picture \
         once a second each) cost {:.1} % of one core ({with:.1} % with them, {alone:.1} % without)",
        with - alone
    );
    let per_sec = |stats: sim::ack::AckStats| stats.moves as f64 / stats.secs.max(1e-9);
    println!(
        "lan: a printer gets {:.0} lines a second, {:.0} with them (ratio {:.2}); of {} lines {} came more than 20 ms late, \
         {} with them; the longest wait was {:.1} ms, {:.1} ms with them",
        per_sec(quiet),
        per_sec(busy),
        per_sec(busy) / per_sec(quiet),
        quiet.moves,
        quiet.late,
        busy.late,
        quiet.longest_wait_secs * 1e3,
        busy.longest_wait_secs * 1e3
    );
    assert_eq!(
        (quiet.moves, quiet.out_of_order, busy.out_of_order),
        (busy.moves, 0, 0),
        "each line once, in order"
    );
}

/// Says its state and posts a picture once a second, as agents do while somebody looks.
fn be_agent(mut agent: FakeAgent<'_>, jpeg: &[u8], stop: &AtomicBool) {
    assert_eq!(agent.connect(), 101, "the agent is let in");
    agent.settings();
    let mut next = now();
    while !stop.load(Ordering::Relaxed) {
        if now() >= next {
            next = now() + Duration::from_secs(1);
            agent.status(0, "", "Operational", &["operational", "ready"], None);
            agent.picture(jpeg);
        }
        if agent.poll().is_err() {
            return;
        }
    }
}

/// Asks for one picture after the other, as the page does.
fn be_viewer(lan: &Lan, key: &str, path: &str, stop: &AtomicBool, shown: &AtomicU64) {
    let (agent, mut after) = (client(), 0);
    while !stop.load(Ordering::Relaxed) {
        if let (200, Some(id), _) = get(&agent, lan, key, &format!("{path}?after={after}")) {
            after = id;
            shown.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn listen(lan: &Lan, key: &str, stop: &AtomicBool) {
    let (mut live, _) = lan.live(key);
    while !stop.load(Ordering::Relaxed) && live.message().is_some() {}
}
