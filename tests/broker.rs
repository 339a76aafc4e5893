//! An MQTT broker in a process of its own (Mosquitto), and somebody who listens and speaks there as Home Assistant does.

use crate::network::free_port;
use crate::programs::Program;
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use std::collections::BTreeMap;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

/// How long anything may take on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// A broker; ended when dropped.
pub struct Broker {
    /// On loopback.
    pub port: u16,
    dir: TempDir,
    program: Option<Program>,
}

fn mosquitto() -> Option<&'static str> {
    // Where Debian has it is not in everybody's path.
    ["mosquitto", "/usr/sbin/mosquitto"]
        .into_iter()
        .find(|name| Command::new(name).arg("-h").output().is_ok())
}

impl Broker {
    /// Starts a broker; none, with the reason printed, where there is no Mosquitto. `login`: user and password that it
    /// wants.
    pub fn start(login: Option<(&str, &str)>) -> Option<Self> {
        let Some(name) = mosquitto() else {
            println!("skipped: Mosquitto is not installed");
            return None;
        };
        let dir = tempfile::tempdir().expect("a folder");
        let port = free_port();
        let mut config = format!("listener {port} 127.0.0.1\npersistence false\nuser root\n");
        match login {
            None => config += "allow_anonymous true\n",
            Some((user, password)) => {
                let file = dir.path().join("logins");
                let mut made = Command::new("mosquitto_passwd");
                made.arg("-b").arg("-c").arg(&file).args([user, password]);
                let made = made.output().expect("mosquitto_passwd comes with it");
                assert!(made.status.success(), "{made:?}");
                config += &format!("allow_anonymous false\npassword_file {}\n", file.display());
            }
        }
        std::fs::write(dir.path().join("mosquitto.conf"), config).expect("written");
        let mut broker = Self { port, dir, program: None };
        broker.run(name);
        Some(broker)
    }

    fn run(&mut self, name: &str) {
        let config = self.dir.path().join("mosquitto.conf");
        self.program = Some(Program::start(Command::new(name).arg("-c").arg(config)).expect("started"));
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("Mosquitto does not listen: {}", Path::new(self.dir.path()).display());
    }

    /// Ends it.
    pub fn stop(&mut self) {
        self.program = None;
    }

    /// Starts it again on the same port; it has forgotten all.
    pub fn start_again(&mut self) {
        self.run(mosquitto().expect("it was there"));
    }

    /// Returns all that is retained there.
    pub async fn retained(&self) -> BTreeMap<String, Vec<u8>> {
        let listener = Listener::open(self.port).await;
        listener.kept()
    }

    /// Waits until what is retained is so.
    pub async fn until(
        &self,
        what: &str,
        is: impl Fn(&BTreeMap<String, Vec<u8>>) -> bool,
    ) -> BTreeMap<String, Vec<u8>> {
        let begun = Instant::now();
        loop {
            let kept = self.retained().await;
            if is(&kept) {
                return kept;
            }
            let topics: Vec<&String> = kept.keys().collect();
            assert!(begun.elapsed() < PATIENCE, "what is retained is not so: {what}; {topics:?}");
            sleep(Duration::from_millis(300)).await;
        }
    }
}

/// Somebody at the broker who hears all.
pub struct Listener {
    client: AsyncClient,
    heard: Arc<Mutex<Heard>>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Heard {
    kept: BTreeMap<String, Vec<u8>>,
    /// How often each topic was told after we came.
    told: BTreeMap<String, usize>,
    done: bool,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Listener {
    /// Connects, and returns when all that is retained was told.
    pub async fn open(port: u16) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("listener-{}-{n}", std::process::id());
        let end = format!("end/{name}");
        let mut options = MqttOptions::new(name, "127.0.0.1", port);
        options.set_max_packet_size(16 * 1024 * 1024, 16 * 1024 * 1024);
        let (client, mut eventloop) = AsyncClient::new(options, 100);
        let heard = Arc::new(Mutex::new(Heard::default()));
        client.subscribe("#", QoS::AtLeastOnce).await.expect("asked");
        let (asker, listening, last) = (client.clone(), heard.clone(), end.clone());
        let task = tokio::spawn(async move {
            while let Ok(event) = eventloop.poll().await {
                match event {
                    Event::Incoming(Packet::SubAck(_)) => {
                        let _ = asker.try_publish(&last, QoS::AtMostOnce, false, "end");
                    }
                    Event::Incoming(Packet::Publish(message)) => {
                        let mut heard = listening.lock().expect("not poisoned");
                        if message.topic == last {
                            heard.done = true;
                        } else if message.retain {
                            heard.kept.insert(message.topic, message.payload.to_vec());
                        } else {
                            *heard.told.entry(message.topic).or_default() += 1;
                        }
                    }
                    Event::Incoming(_) | Event::Outgoing(_) => (),
                }
            }
        });
        let begun = Instant::now();
        while !heard.lock().expect("not poisoned").done {
            assert!(begun.elapsed() < PATIENCE, "the broker does not answer");
            sleep(Duration::from_millis(20)).await;
        }
        Self { client, heard, task }
    }

    fn kept(&self) -> BTreeMap<String, Vec<u8>> {
        self.heard.lock().expect("not poisoned").kept.clone()
    }

    /// Returns how often a topic was told since we came.
    pub fn told(&self, topic: &str) -> usize {
        self.heard.lock().expect("not poisoned").told.get(topic).copied().unwrap_or_default()
    }

    /// Says something.
    pub async fn say(&self, topic: &str, payload: impl Into<Vec<u8>>, retain: bool) {
        self.client.publish(topic, QoS::AtLeastOnce, retain, payload).await.expect("handed over");
    }
}
