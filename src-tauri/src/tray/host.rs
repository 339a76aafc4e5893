//! Whether the desktop shows icons in a tray just now: one that nobody shows must not be all that is left of a window.

/// Returns whether somebody shows what we put into the tray.
#[cfg(target_os = "linux")]
pub(super) fn shows() -> bool {
    const WATCHER: &str = "org.kde.StatusNotifierWatcher";
    let asked = || -> zbus::Result<bool> {
        let bus = zbus::blocking::Connection::session()?;
        if !zbus::blocking::fdo::DBusProxy::new(&bus)?.name_has_owner(WATCHER.try_into()?)? {
            return Ok(false);
        }
        let watcher = zbus::blocking::Proxy::new(&bus, WATCHER, "/StatusNotifierWatcher", WATCHER)?;
        // A watcher may run without anybody who draws.
        watcher.get_property::<bool>("IsStatusNotifierHostRegistered")
    };
    asked().unwrap_or(false)
}

/// Windows and macOS always have one.
#[cfg(not(target_os = "linux"))]
pub(super) fn shows() -> bool {
    true
}
