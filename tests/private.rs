//! The core's own program: what it keeps is the user's only, what is restored does as promised, and it starts on a disk
//! without room.
#![cfg(unix)]

use anyhow::Context;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::cores::Core;
use tests::programs::ours;

/// Returns what others may read below a folder.
fn open_to_others(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut open = Vec::new();
    let mut todo = vec![folder.to_path_buf()];
    while let Some(path) = todo.pop() {
        // What was on its way may have arrived meanwhile.
        let Ok(about) = std::fs::symlink_metadata(&path) else { continue };
        if about.permissions().mode() & 0o077 != 0 {
            open.push(path.clone());
        }
        if about.is_dir() {
            let entries = std::fs::read_dir(&path).into_iter().flatten().flatten();
            todo.extend(entries.map(|entry| entry.path()));
        }
    }
    Ok(open)
}

#[test]
fn nothing_that_is_kept_can_be_read_by_others() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let data = dir.path().join("data");
    // As an earlier version left it.
    std::fs::create_dir_all(data.join("media/prints"))?;
    std::fs::write(data.join("core.log"), "old")?;
    std::fs::write(data.join("media/prints/a.jpg"), "old")?;
    for path in [data.clone(), data.join("media"), data.join("media/prints")] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))?;
    }
    for path in [data.join("core.log"), data.join("media/prints/a.jpg")] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644))?;
    }
    let mut core = Core::start(&data)?;
    core.print()?;
    assert_eq!(open_to_others(&data)?, Vec::<PathBuf>::new());
    core.signal("-TERM")?;
    core.ended(12)?;
    assert_eq!(open_to_others(&data)?, Vec::<PathBuf>::new());
    Ok(())
}

#[test]
fn restore_needs_only_the_file_and_sets_aside_what_was_there() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let run = |arguments: &[&str]| -> anyhow::Result<(bool, String)> {
        let mut command = Command::new(ours("vigil")?);
        let done = command.args(arguments).env("HOME", home.path()).env_remove("XDG_DATA_HOME").output()?;
        let text = [done.stdout, done.stderr].concat();
        Ok((done.status.success(), String::from_utf8_lossy(&text).into_owned()))
    };
    let data = home.path().join(".local/share/printvigil");
    let mut core = Core::start(&data)?;
    core.until("Ready")?;
    let archive = home.path().join("backup.zip");
    let archive = archive.to_str().context("a path")?;
    assert!(run(&["backup", archive])?.0);
    let (done, said) = run(&["restore", archive])?;
    assert!(!done && said.contains("running"), "a core works there: {said}");
    core.signal("-TERM")?;
    core.ended(12)?;
    std::fs::write(data.join("mine.txt"), "mine")?;
    let (done, said) = run(&["restore", archive])?;
    assert!(done, "{said}");
    let aside = home.path().join(".local/share/printvigil.before-restore-1");
    assert!(said.contains(&aside.display().to_string()), "{said}");
    assert_eq!(std::fs::read_to_string(aside.join("mine.txt"))?, "mine");
    assert!(data.join("printvigil.db").is_file() && !data.join("mine.txt").exists());
    assert_eq!(open_to_others(&data)?, Vec::<PathBuf>::new());
    Core::start(&data)?.until("Ready")
}

#[test]
fn a_report_has_what_helps_and_nothing_secret() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let data = home.path().join(".local/share/printvigil");
    let mut command = tests::cores::command(&data)?;
    command.env("HOME", home.path());
    let mut core = Core::start_as(command)?;
    core.until("Ready")?;
    // As a person enters it: a camera in the network that wants a password. Nobody answers there, which is logged.
    let camera = json!({"name": "Shelf", "source": {"kind": "snapshot", "url": "http://eve:Tr0ub4dor@192.0.2.7/a.jpg"}});
    core.post("/api/v1/vigil/cameras/", &camera)?;
    let shot = |core: &Core| -> anyhow::Result<bool> {
        let listed = core.get("/api/v1/vigil/report/?pictures=true")?;
        Ok(listed.as_array().is_some_and(|all| all.iter().any(|entry| entry["name"] == "camera-1.jpg")))
    };
    for _ in 0..100 {
        if shot(&core)? {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    let told: Value = serde_json::from_str(&std::fs::read_to_string(data.join("core.json"))?)?;
    let printers = core.get("/api/v1/printers/")?;
    let secrets = [
        told["token"].as_str().context("announced")?,
        printers[0]["auth_token"].as_str().context("Obico's field")?,
        "Tr0ub4dor",
        "192.0.2.7",
        "127.0.0.1",
        home.path().to_str().context("a path")?,
    ];
    // First beside the core, then without it.
    for name in ["beside.zip", "alone.zip"] {
        let file = home.path().join(name);
        let mut vigil = Command::new(ours("vigil")?);
        let said = vigil.args(["report", "--pictures"]).arg(&file).env("HOME", home.path());
        let said = said.env_remove("XDG_DATA_HOME").output()?;
        anyhow::ensure!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        let listed = String::from_utf8_lossy(&said.stdout).into_owned();
        assert_eq!(std::fs::metadata(&file)?.permissions().mode() & 0o077, 0, "others cannot read it");
        let mut zip = zip::ZipArchive::new(std::fs::File::open(&file)?)?;
        let names: Vec<String> =
            zip.file_names().map(|name| Ok(name?.into_owned())).collect::<anyhow::Result<_>>()?;
        for wanted in ["about.txt", "doctor.txt", "printers.json"] {
            assert!(names.iter().any(|name| name == wanted), "{names:?}");
        }
        let beside = name == "beside.zip";
        for wanted in ["dialogue-1.txt", "camera-1.jpg"] {
            assert_eq!(names.iter().any(|name| name == wanted), beside, "{wanted}: {names:?}");
        }
        for name in names {
            assert!(listed.contains(&name), "{name} is listed before: {listed}");
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut zip.by_name(&name)?, &mut bytes)?;
            for secret in secrets {
                let inside = bytes.windows(secret.len()).any(|some| some == secret.as_bytes());
                assert!(!inside, "{secret} is in {name}");
            }
        }
        if beside {
            core.signal("-TERM")?;
            core.ended(12)?;
        }
    }
    Ok(())
}
