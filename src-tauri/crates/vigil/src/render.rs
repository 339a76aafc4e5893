//! `vigil render`: the film of a past print made again, by the core that runs on the folder, or without one.

use anyhow::{Context, bail};
use domain::{FilmStep, FilmView, PrintId};
use serde_json::Value;
use std::io::{Write, stderr};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use store::StoreError;
use ureq::Agent;

/// How often a running core is asked how far it is.
const ASK_EVERY: Duration = Duration::from_millis(500);
/// A core that does not answer for so long does not.
const PATIENCE: Duration = Duration::from_secs(30);

/// Makes the film of a print again and says where it lies.
pub(crate) fn run(data_dir: &Path, print: i64) -> anyhow::Result<ExitCode> {
    // Says what is missing where nothing was ever kept, and makes no new history there.
    let conn =
        api::open_history(data_dir).with_context(|| format!("no history in {}", data_dir.display()))?;
    if store::print::get(&conn, PrintId(print))?.is_none() {
        bail!("print {print} does not exist; `vigil prints` lists those that do");
    }
    drop(conn);
    let urls = match station::render(data_dir, PrintId(print), &mut told) {
        Ok(Ok(film)) => [film.video, film.tagged],
        Ok(Err(why)) => bail!("no film of print {print}: {why}"),
        Err(StoreError::InUse { .. }) => by_the_core(data_dir, print)?,
        Err(error) => return Err(error.into()),
    };
    eprintln!();
    for url in urls.into_iter().flatten() {
        println!("{}", data_dir.join(url.trim_start_matches('/')).display());
    }
    Ok(ExitCode::SUCCESS)
}

fn told(share: f32) {
    // Whether a person sees it changes nothing.
    let _ = write!(stderr(), "\r{:3.0} %", share * 100.0);
}

/// Asks the core that works on the folder, and waits. Returns where both films lie.
fn by_the_core(data_dir: &Path, print: i64) -> anyhow::Result<[Option<String>; 2]> {
    let core = Core::of(data_dir)?;
    let film = format!("/api/v1/vigil/prints/{print}/film/");
    core.ask(true, &film)?;
    loop {
        let view: FilmView = serde_json::from_value(core.ask(false, &film)?)?;
        match view.state {
            Some(FilmStep::Made) => break,
            Some(FilmStep::Waiting | FilmStep::Making | FilmStep::Analysing) => {
                told(view.progress.unwrap_or(0.0));
                std::thread::sleep(ASK_EVERY);
            }
            Some(FilmStep::TooShort | FilmStep::Cancelled | FilmStep::Failed) | None => {
                bail!("no film of print {print}: {}", view.why.unwrap_or_default());
            }
        }
    }
    let shown = core.ask(false, &format!("/api/v1/prints/{print}/"))?;
    Ok(["video_url", "tagged_video_url"].map(|key| shown[key].as_str().map(str::to_owned)))
}

/// The core that works on a folder, as it says itself.
struct Core {
    agent: Agent,
    base_url: String,
    token: String,
}

impl Core {
    fn of(data_dir: &Path) -> anyhow::Result<Self> {
        let told = std::fs::read(data_dir.join("core.json"))
            .context("another program works on this folder, and does not say where it can be asked")?;
        let told: Value = serde_json::from_slice(&told)?;
        let text = |key: &str| told[key].as_str().map(str::to_owned).context("core.json is not whole");
        let config = Agent::config_builder().timeout_global(Some(PATIENCE)).http_status_as_error(false);
        // It is on this computer: no proxy has any business in between.
        let agent = config.proxy(None).build().into();
        Ok(Self { agent, base_url: text("base_url")?, token: text("token")? })
    }

    fn ask(&self, post: bool, path: &str) -> anyhow::Result<Value> {
        let (url, bearer) = (format!("{}{path}", self.base_url), format!("Bearer {}", self.token));
        let answer = if post {
            self.agent.post(url).header("Authorization", bearer).send_empty()
        } else {
            self.agent.get(url).header("Authorization", bearer).call()
        };
        let mut answer = answer.context("the app that works on this folder does not answer")?;
        let text = answer.body_mut().read_to_string()?;
        let value: Value = serde_json::from_str(&text).unwrap_or_default();
        if !answer.status().is_success() {
            let word = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
            bail!("{}. {}", word("message"), word("hint"));
        }
        Ok(value)
    }
}
