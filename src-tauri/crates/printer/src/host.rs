//! What on this computer stands between us and a port, and the command that cures it. Linux; elsewhere nothing is
//! found.

use serde::Serialize;
use std::path::{Path, PathBuf};

/// The line that keeps ModemManager away from a device.
const IGNORE: &str = "ENV{ID_MM_DEVICE_IGNORE}=\"1\"";

/// Something that is in the way, and the cure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct Trouble {
    /// For code: `not_in_group`, `held`, `probed`, `brltty`, `no_driver`.
    pub code: &'static str,
    /// What is wrong, a sentence.
    pub what: String,
    /// What to do, with the exact command.
    pub cure: String,
}

/// A program that has a port open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) pid: u32,
    pub(crate) name: String,
}

/// Where the system keeps its facts; another place in tests.
#[derive(Debug, Clone)]
pub(crate) struct Host {
    root: PathBuf,
}

impl Default for Host {
    fn default() -> Self {
        Self { root: "/".into() }
    }
}

impl Host {
    fn at(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    fn text(&self, path: impl AsRef<Path>) -> String {
        std::fs::read_to_string(path).unwrap_or_default().trim().to_owned()
    }

    fn entries(&self, path: &str) -> Vec<PathBuf> {
        let mut all: Vec<PathBuf> =
            std::fs::read_dir(self.at(path)).into_iter().flatten().flatten().map(|e| e.path()).collect();
        all.sort();
        all
    }

    fn processes(&self) -> impl Iterator<Item = (u32, PathBuf)> {
        let pid = |path: PathBuf| Some((path.file_name()?.to_str()?.parse().ok()?, path));
        self.entries("proc").into_iter().filter_map(pid)
    }

    fn runs(&self, program: &str) -> bool {
        self.processes().any(|(_, path)| self.text(path.join("comm")) == program)
    }

    /// Returns who else has a device open, as far as we may look.
    pub(crate) fn holder(&self, device: &Path) -> Option<Holder> {
        let real = std::fs::canonicalize(device).ok()?;
        let (pid, path) =
            self.processes().filter(|(pid, _)| *pid != std::process::id()).find(|(_, path)| {
                let files = std::fs::read_dir(path.join("fd")).into_iter().flatten().flatten();
                files.filter_map(|file| std::fs::read_link(file.path()).ok()).any(|to| to == real)
            })?;
        Some(Holder { pid, name: self.text(path.join("comm")) })
    }

    /// Returns the group that may use a device.
    pub(crate) fn group_of(&self, device: &Path) -> String {
        let gid = owner_group(device);
        let groups = self.text(self.at("etc/group"));
        let named = groups.lines().find_map(|line| {
            let mut parts = line.split(':');
            let (name, _, number) = (parts.next()?, parts.next()?, parts.next()?);
            (gid != 0 && number.parse() == Ok(gid)).then(|| name.to_owned())
        });
        let usual = if self.at("etc/arch-release").exists() { "uucp" } else { "dialout" };
        named.unwrap_or_else(|| usual.to_owned())
    }

    /// Returns whether a person is in a group by the system's list, though perhaps not yet in this session.
    pub(crate) fn is_member(&self, user: &str, group: &str) -> bool {
        let groups = self.text(self.at("etc/group"));
        let members = groups.lines().find_map(|line| line.strip_prefix(group)?.strip_prefix(':'));
        members.and_then(|rest| rest.rsplit(':').next()).is_some_and(|all| all.split(',').any(|m| m == user))
    }

    /// Returns why a port may not be used by this account, with the cure.
    pub(crate) fn forbidden(&self, device: &Path, user: &str) -> Trouble {
        let group = self.group_of(device);
        let cure = if self.is_member(user, &group) {
            format!("You were added to \"{group}\" already: log out and in again, or restart the computer.")
        } else {
            format!(
                "Run \"sudo usermod -aG {group} {}\" in a terminal, then log out and in again.",
                person(user)
            )
        };
        let what = format!("Your account may not use {}.", device.display());
        Trouble { code: "not_in_group", what, cure }
    }

    /// Returns who holds a port, with the cure.
    pub(crate) fn held(&self, device: &Path, usb: Option<(u16, u16)>) -> Option<Trouble> {
        let holder = self.holder(device)?;
        let port = device.display();
        if holder.name == "ModemManager" {
            let what = format!("The system takes {port} for a modem and is trying it out (ModemManager).");
            return Some(Trouble { code: "probed", what, cure: modem_cure(usb) });
        }
        let Holder { pid, name } = holder;
        let what = format!("{port} is used by the program {name:?} (process {pid}).");
        let cure = format!("Close {name:?}; if it does not close, run \"kill {pid}\" in a terminal.");
        Some(Trouble { code: "held", what, cure })
    }

    /// Returns what keeps serial chips that are plugged in from becoming ports at all.
    pub(crate) fn portless(&self) -> Vec<Trouble> {
        let mut troubles = Vec::new();
        for device in self.entries("sys/bus/usb/devices") {
            let id = |name: &str| self.text(device.join(name));
            let (vid, pid) = (id("idVendor"), id("idProduct"));
            let Some(driver) = driver_of(&vid, &pid) else { continue };
            if self.has_port(&device) {
                continue;
            }
            let chip = format!("A serial chip ({vid}:{pid}, as in many printers) is plugged in, but");
            troubles.push(if driver == "ch341" && self.brltty() {
                Trouble {
                    code: "brltty",
                    what: format!("{chip} the Braille program brltty has taken it."),
                    cure: "Unless you use a Braille display, run \"sudo systemctl mask --now brltty-udev.service \
                           brltty.service\" (or \"sudo apt remove brltty\") in a terminal, then unplug the printer \
                           and plug it in again."
                        .into(),
                }
            } else {
                Trouble {
                    code: "no_driver",
                    what: format!("{chip} the system made no port for it."),
                    cure: format!(
                        "Run \"sudo modprobe {driver}\" in a terminal, then unplug the printer and plug it in again. \
                         If that fails, restart the computer: its kernel was updated since it was started."
                    ),
                }
            });
        }
        troubles
    }

    fn has_port(&self, device: &Path) -> bool {
        let children = |path: &Path| -> Vec<PathBuf> {
            std::fs::read_dir(path).into_iter().flatten().flatten().map(|e| e.path()).collect()
        };
        // …/1-2/1-2:1.0/ttyUSB0 or …/1-2/1-2:1.0/tty/ttyACM0.
        let is_port = |path: &PathBuf| {
            path.file_name().and_then(|n| n.to_str()).is_some_and(|name| name.starts_with("tty"))
        };
        children(device).iter().any(|interface| children(interface).iter().any(is_port))
    }

    /// Returns whether brltty takes serial chips here: it runs, or a rule starts it.
    fn brltty(&self) -> bool {
        let rules = ["usr/lib/udev/rules.d", "lib/udev/rules.d", "etc/udev/rules.d"];
        let named = |path: &PathBuf| path.to_string_lossy().contains("brltty");
        self.runs("brltty") || rules.iter().any(|folder| self.entries(folder).iter().any(named))
    }
}

#[cfg(unix)]
fn owner_group(device: &Path) -> u32 {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(device).map(|meta| meta.gid()).unwrap_or_default()
}

#[cfg(not(unix))]
fn owner_group(_device: &Path) -> u32 {
    0
}

/// Returns the kernel's driver for a chip that printers carry.
fn driver_of(vid: &str, pid: &str) -> Option<&'static str> {
    match (vid, pid) {
        ("1a86", "7523" | "5523") => Some("ch341"),
        ("10c4", "ea60") => Some("cp210x"),
        ("0403", "6001" | "6015") => Some("ftdi_sio"),
        ("067b", "2303") => Some("pl2303"),
        _ => None,
    }
}

fn person(user: &str) -> &str {
    if user.is_empty() { "$USER" } else { user }
}

/// How to keep ModemManager away from one device, or from all.
fn modem_cure(usb: Option<(u16, u16)>) -> String {
    let Some((vid, pid)) = usb else {
        return "Wait half a minute; it lets go by itself. Without a mobile modem in this computer: \"sudo systemctl \
                disable --now ModemManager\"."
            .into();
    };
    format!(
        "Wait half a minute; it lets go by itself. To keep it away for good, run: echo \
         'ATTRS{{idVendor}}==\"{vid:04x}\", ATTRS{{idProduct}}==\"{pid:04x}\", {IGNORE}' | sudo tee \
         /etc/udev/rules.d/99-printer.rules && sudo udevadm control --reload"
    )
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn host() -> (tempfile::TempDir, Host) {
        let dir = tempfile::tempdir().expect("a folder of the test");
        let host = Host { root: dir.path().to_owned() };
        (dir, host)
    }

    fn put(host: &Host, path: &str, text: &str) {
        let path = host.at(path);
        std::fs::create_dir_all(path.parent().expect("a folder of the test")).expect("a folder of the test");
        std::fs::write(path, text).expect("a folder of the test");
    }

    #[test]
    fn the_program_at_the_port_is_named() {
        let (_dir, host) = host();
        put(&host, "dev/ttyUSB0", "");
        let device = std::fs::canonicalize(host.at("dev/ttyUSB0")).expect("a folder of the test");
        assert_eq!(host.held(&device, None), None);
        put(&host, "proc/4242/comm", "octoprint\n");
        std::fs::create_dir_all(host.at("proc/4242/fd")).expect("a folder of the test");
        std::os::unix::fs::symlink(&device, host.at("proc/4242/fd/5")).expect("a folder of the test");
        let trouble = host.held(&device, None).expect("a folder of the test");
        assert!(trouble.what.contains("\"octoprint\" (process 4242)"), "{trouble:?}");
        put(&host, "proc/4242/comm", "ModemManager\n");
        let trouble = host.held(&device, Some((0x1a86, 0x7523))).expect("a folder of the test");
        assert!(trouble.cure.contains("ATTRS{idVendor}==\"1a86\""), "{trouble:?}");
        assert!(trouble.cure.contains("ID_MM_DEVICE_IGNORE"), "{trouble:?}");
    }

    #[test]
    fn a_chip_without_a_port_is_explained() {
        let (_dir, host) = host();
        put(&host, "sys/bus/usb/devices/1-2/idVendor", "1a86\n");
        put(&host, "sys/bus/usb/devices/1-2/idProduct", "7523\n");
        let told = |host: &Host| host.portless().iter().map(|t| t.code).collect::<Vec<_>>();
        assert_eq!(told(&host), ["no_driver"]);
        put(&host, "usr/lib/udev/rules.d/85-brltty.rules", "");
        assert_eq!(told(&host), ["brltty"]);
        put(&host, "sys/bus/usb/devices/1-2/1-2:1.0/ttyUSB0/dev", "188:0");
        assert_eq!(told(&host), [] as [&str; 0]);
    }

    #[test]
    fn who_is_in_the_group_already_has_to_log_in_again() {
        let (_dir, host) = host();
        put(&host, "dev/ttyUSB0", "");
        let device = host.at("dev/ttyUSB0");
        let gid = owner_group(&device);
        put(&host, "etc/group", "root:x:0:\ndialout:x:20:ann,bob\n");
        let group = host.group_of(&device);
        assert!(gid != 0 || group == "dialout", "{group}");
        let cure = |user| host.forbidden(&device, user).cure;
        if group == "dialout" {
            assert!(cure("ann").contains("log out"), "{}", cure("ann"));
            assert!(!cure("ann").contains("usermod"));
            assert!(cure("eve").contains("sudo usermod -aG dialout eve"), "{}", cure("eve"));
        }
    }
}
