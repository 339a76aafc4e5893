//! A core that runs for hours on the demo's faster clock, with faults now and then: does what it takes grow?
//!
//! `soak HOURS`, hours of this computer's clock: memory, threads, open files and the database, for each day of the demo's
//! clock. It fails when one of them grows past the warm-up.

#[cfg(not(unix))]
fn main() {
    println!("skipped: it reads what Linux tells of processes");
}

#[cfg(unix)]
fn main() -> anyhow::Result<()> {
    unix::run()
}

#[cfg(unix)]
mod unix {
    use anyhow::{Context, bail, ensure};
    use serde_json::{Value, json};
    use std::path::Path;
    use std::process::Command;
    use std::time::{Duration, Instant};
    use tests::cores::{Core, command};

    /// Demo seconds in a real one, as `command` starts the core.
    const SPEED: f64 = 50.0;
    /// Printers that print one print after the other.
    const PRINTERS: [u8; 2] = [1, 2];
    /// Something goes wrong this often, real time.
    const FAULT_EVERY: Duration = Duration::from_secs(40);
    /// What it takes is read this often, real time.
    const SAMPLE_EVERY: Duration = Duration::from_secs(5);
    /// Lines of the table.
    const LINES: usize = 12;
    /// Less of a run says nothing about growth.
    const LEAST_HOURS: f64 = 0.25;
    /// Until then the rings of frames fill, so what is taken grows, simulated days.
    const WARM_UP_DAYS: f64 = 0.15;

    /// What the core took at one moment.
    #[derive(Debug, Clone, Copy)]
    struct Sample {
        days: f64,
        rss_kb: u64,
        eyes_rss_kb: u64,
        threads: u64,
        files: u64,
        database_kb: u64,
        prints: u64,
    }

    /// What happened on the way.
    #[derive(Debug, Default)]
    struct Counts {
        faults: [u32; FAULTS.len()],
        paused: u32,
        unwatched: u32,
    }

    /// What goes wrong, for how many real seconds. One without a name at the demo is a kill of what looks at pictures.
    const FAULTS: [(&str, u64); 5] =
        [("cable_pulled", 4), ("camera_gone", 8), ("eyes", 0), ("noise", 10), ("reboot", 0)];

    pub(super) fn run() -> anyhow::Result<()> {
        let hours = std::env::args().nth(1).context("how many hours?")?.parse::<f64>()?;
        ensure!(hours >= LEAST_HOURS, "{LEAST_HOURS} hours are the least that says anything");
        let data = tempfile::tempdir()?;
        let core = Core::start_as(command(data.path())?)?;
        for _ in 1..PRINTERS.len() {
            core.post("/api/v1/printers/", &json!({"name": "Another", "kind": "demo"}))?;
        }
        let (mut samples, mut counts) = (Vec::new(), Counts::default());
        let began = now();
        let (mut next_fault, mut next_sample) = (FAULT_EVERY, Duration::ZERO);
        let mut over: Option<(usize, u8, Duration)> = None;
        while began.elapsed().as_secs_f64() < hours * 3600.0 {
            for printer in PRINTERS {
                keep_printing(&core, printer, &mut counts)?;
            }
            let elapsed = began.elapsed();
            if let Some((fault, printer, _)) = over.take_if(|(_, _, until)| *until <= elapsed) {
                demo(&core, printer, FAULTS[fault].0, false)?;
            }
            if next_fault <= elapsed {
                let count: u32 = counts.faults.iter().sum();
                let (fault, printer) =
                    (count as usize % FAULTS.len(), PRINTERS[count as usize % PRINTERS.len()]);
                let (name, secs) = FAULTS[fault];
                match name {
                    "eyes" => eyes_of(&core)?.iter().try_for_each(|id| kill(id))?,
                    name => demo(&core, printer, name, true)?,
                }
                over = (secs > 0).then(|| (fault, printer, elapsed + Duration::from_secs(secs)));
                counts.faults[fault] += 1;
                next_fault = elapsed + FAULT_EVERY;
            }
            if next_sample <= elapsed {
                samples.push(sample(&core, data.path(), elapsed)?);
                next_sample = elapsed + SAMPLE_EVERY;
            }
            std::thread::sleep(Duration::from_millis(500));
        }
        tell(&samples, &counts);
        let grown = grown(&samples);
        ensure!(grown.is_empty(), "it grows: {}", grown.join("; "));
        println!("nothing of it grows");
        Ok(())
    }

    /// Puts away what has ended, answers what waits for a person, and starts the next print.
    fn keep_printing(core: &Core, printer: u8, counts: &mut Counts) -> anyhow::Result<()> {
        let path = |what: &str| format!("/api/v1/vigil/printers/{printer}/{what}/");
        let view = core.get(&format!("/api/v1/printers/{printer}/"))?;
        let vigil = &view["vigil"];
        let printing = vigil["state_word"] == "Printing";
        counts.unwatched += u32::from(printing && vigil["watch"]["watching"] == false);
        // Refused where the state has changed meanwhile: it is asked again in a moment.
        let ask = |path: &str, body: &Value| core.refused(path, body).map(drop);
        if vigil["alarms"].as_array().is_some_and(|alarms| !alarms.is_empty()) {
            ask(&path("seen"), &json!({"what": "alarms"}))?;
        }
        if !vigil["last_print"].is_null() {
            ask(&path("seen"), &json!({"what": "last_print"}))?;
        }
        if vigil["pause_confirmed"] == true {
            counts.paused += 1;
            demo(core, printer, "tangle", false)?;
            // Every other print goes on, the others are given up.
            let what = if counts.paused.is_multiple_of(2) { "resume_print" } else { "cancel_print" };
            ask(&format!("/api/v1/printers/{printer}/{what}/"), &Value::Null)?;
        } else if vigil["can"]["start"] == true {
            ask(&path("start"), &json!({"file_id": 1}))?;
        } else if vigil["can"]["connect"] == true {
            ask(&path("connect"), &Value::Null)?;
        }
        Ok(())
    }

    fn demo(core: &Core, printer: u8, fault: &str, on: bool) -> anyhow::Result<()> {
        core.post(&format!("/api/v1/vigil/printers/{printer}/demo/"), &json!({"fault": fault, "on": on}))
    }

    /// Returns the processes that look at pictures for a core.
    fn eyes_of(core: &Core) -> anyhow::Result<Vec<String>> {
        let found =
            Command::new("pgrep").args(["-P", &core.child.id().to_string(), "-f", "vigil eyes"]).output()?;
        Ok(String::from_utf8(found.stdout)?.lines().map(str::to_owned).collect())
    }

    fn kill(id: &str) -> anyhow::Result<()> {
        // It may have ended a moment ago.
        Command::new("kill").args(["-KILL", id]).status()?;
        Ok(())
    }

    fn sample(core: &Core, data: &Path, elapsed: Duration) -> anyhow::Result<Sample> {
        let id = core.child.id().to_string();
        let size = |end: &str| {
            let about = std::fs::metadata(data.join(format!("printvigil.db{end}")));
            about.map_or(0, |about| about.len() / 1024)
        };
        let prints = core.get("/api/v1/prints/?limit=1")?;
        Ok(Sample {
            days: elapsed.as_secs_f64() * SPEED / 86_400.0,
            rss_kb: status(&id, "VmRSS:")?,
            eyes_rss_kb: eyes_of(core)?.iter().map(|id| status(id, "VmRSS:").unwrap_or(0)).sum(),
            threads: status(&id, "Threads:")?,
            files: std::fs::read_dir(format!("/proc/{id}/fd"))?.count() as u64,
            database_kb: size("") + size("-wal"),
            prints: prints[0]["id"].as_u64().unwrap_or(0),
        })
    }

    /// Returns a number of `/proc/ID/status`.
    fn status(id: &str, name: &str) -> anyhow::Result<u64> {
        let text = std::fs::read_to_string(format!("/proc/{id}/status")).context("the core has ended")?;
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let Some(number) = line.and_then(|rest| rest.split_whitespace().next()) else {
            bail!("{name} is not told");
        };
        Ok(number.parse()?)
    }

    fn tell(samples: &[Sample], counts: &Counts) {
        println!("day    memory  eyes    threads files  database prints");
        let step = samples.len().div_ceil(LINES).max(1);
        for some in samples.chunks(step) {
            let most = |of: fn(&Sample) -> u64| some.iter().map(of).max().unwrap_or(0);
            println!(
                "{:<6.2} {:>4} MB {:>4} MB {:>6} {:>6} {:>8} kB {:>5}",
                some[some.len() - 1].days,
                most(|s| s.rss_kb) / 1024,
                most(|s| s.eyes_rss_kb) / 1024,
                most(|s| s.threads),
                most(|s| s.files),
                most(|s| s.database_kb),
                most(|s| s.prints),
            );
        }
        let faults: Vec<String> =
            FAULTS.iter().zip(counts.faults).map(|((name, _), count)| format!("{count} {name}")).collect();
        println!(
            "faults: {}; {} pauses confirmed, not watched {} times of being asked",
            faults.join(", "),
            counts.paused,
            counts.unwatched
        );
        let (middle, last) = halves(samples);
        let (Some(first), Some(end)) = (middle.first(), last.last()) else { return };
        let a_day = |amount: f64, days: f64| amount / days.max(1e-6);
        let grew = |of: fn(&Sample) -> u64| {
            a_day(least(last, of) as f64 - least(middle, of) as f64, last[0].days - first.days)
        };
        let more = |of: fn(&Sample) -> u64| a_day((of(end) - of(first)) as f64, end.days - first.days);
        println!(
            "a day, by what followed the warm-up until {:.2}: memory {:+.0} kB, threads {:+.1}, files {:+.1}, database {:+.0} kB, \
             {:.0} prints",
            end.days,
            grew(|s| s.rss_kb),
            grew(|s| s.threads),
            grew(|s| s.files),
            grew(|s| s.database_kb),
            more(|s| s.prints),
        );
    }

    /// Returns both halves of what followed the warm-up.
    fn halves(samples: &[Sample]) -> (&[Sample], &[Sample]) {
        let warm = samples.partition_point(|sample| sample.days < WARM_UP_DAYS).max(samples.len() / 3);
        let rest = &samples[warm..];
        rest.split_at(rest.len() / 2)
    }

    fn least(some: &[Sample], of: fn(&Sample) -> u64) -> u64 {
        some.iter().map(of).min().unwrap_or(0)
    }

    /// Says what grows: the least of the second half against the least of the first, so that what comes and goes does not
    /// count. The database may grow with the prints, but not ever faster.
    fn grown(samples: &[Sample]) -> Vec<String> {
        let (middle, last) = halves(samples);
        let mut grown = Vec::new();
        let mut check = |name: &str, of: fn(&Sample) -> u64, may: fn(u64) -> u64| {
            let (before, after) = (least(middle, of), least(last, of));
            if after > may(before) {
                grown.push(format!("{name}, {before} at least and then {after}"));
            }
        };
        // A tenth and some: allocators do not give all back at once.
        check("memory (kB)", |s| s.rss_kb, |kb| kb + kb / 10 + 8 * 1024);
        check("threads", |s| s.threads, |count| count + 2);
        check("open files", |s| s.files, |count| count + 4);
        let a_print = |some: &[Sample]| {
            let (Some(first), Some(last)) = (some.first(), some.last()) else { return 0.0 };
            let prints = last.prints.saturating_sub(first.prints).max(1);
            last.database_kb.saturating_sub(first.database_kb) as f64 / prints as f64
        };
        let (before, after) = (a_print(middle), a_print(last));
        // The journal beside it comes and goes by some megabytes.
        if after > before * 2.0 + 4096.0 {
            grown.push(format!("database, {before:.0} kB a print and then {after:.0}"));
        }
        grown
    }

    #[allow(clippy::disallowed_methods)] // It runs for hours of real time.
    fn now() -> Instant {
        Instant::now()
    }
}
