//! A desktop's tray: what programs put there is kept, read, and pressed, over the bus as panels do it.

use anyhow::Context;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use zbus::blocking::{Connection, Proxy, connection};
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// Where an icon is: its program on the bus, and its path there.
type Item = (String, String);
/// A line of a menu as the bus has it: number, properties, lines below.
type Line = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

struct Watcher {
    items: Arc<Mutex<Vec<Item>>>,
}

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(
        &mut self,
        service: String,
        #[zbus(header)] header: zbus::message::Header<'_>,
    ) {
        let Some(sender) = header.sender() else { return };
        self.items.lock().expect("nobody panics with it").push((sender.to_string(), service));
    }

    fn register_status_notifier_host(&mut self, _service: String) {}

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        self.items
            .lock()
            .expect("nobody panics with it")
            .iter()
            .map(|(name, path)| format!("{name}{path}"))
            .collect()
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}

/// The tray of a bus.
pub struct Tray {
    bus: Connection,
    items: Arc<Mutex<Vec<Item>>>,
}

impl Tray {
    /// Opens a tray on the bus at this address.
    ///
    /// # Errors
    /// When the bus refuses.
    pub fn open(bus: &str) -> anyhow::Result<Self> {
        let items = Arc::new(Mutex::new(Vec::new()));
        let watcher = Watcher { items: items.clone() };
        let builder = connection::Builder::address(bus)?.serve_at("/StatusNotifierWatcher", watcher)?;
        Ok(Self { bus: builder.name(WATCHER)?.build()?, items })
    }

    /// Returns the lines of the icon's menu that was put there last, with their numbers.
    ///
    /// # Errors
    /// When there is no icon, or its program does not answer.
    pub fn menu(&self) -> anyhow::Result<Vec<(i32, String)>> {
        let (_, (_, _, lines)): (u32, Line) =
            self.menu_proxy()?.call("GetLayout", &(0_i32, -1_i32, Vec::<&str>::new()))?;
        let mut menu = Vec::new();
        for line in lines {
            let (id, properties, _) = Line::try_from(line)?;
            if let Some(label) = properties.get("label") {
                menu.push((id, String::try_from(label.try_clone()?)?));
            }
        }
        Ok(menu)
    }

    /// Returns what stands beside the icon.
    ///
    /// # Errors
    /// As [`Tray::menu`].
    pub fn label(&self) -> anyhow::Result<String> {
        Ok(self.icon()?.get_property("XAyatanaLabel")?)
    }

    /// Presses the line that begins with these words, each of them whole.
    ///
    /// # Errors
    /// When there is none.
    pub fn press(&self, words: &str) -> anyhow::Result<()> {
        let menu = self.menu()?;
        let (id, _) = menu
            .iter()
            .find(|(_, label)| {
                label.strip_prefix(words).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
            })
            .with_context(|| format!("no line {words:?} in {menu:?}"))?;
        self.menu_proxy()?.call::<_, _, ()>("Event", &(*id, "clicked", Value::from(0_i32), 0_u32))?;
        Ok(())
    }

    fn icon(&self) -> anyhow::Result<Proxy<'static>> {
        let (name, path) =
            self.items.lock().expect("nobody panics with it").last().cloned().context("no icon")?;
        Ok(Proxy::new(&self.bus, name, path, "org.kde.StatusNotifierItem")?)
    }

    fn menu_proxy(&self) -> anyhow::Result<Proxy<'static>> {
        let icon = self.icon()?;
        let path: OwnedObjectPath = icon.get_property("Menu")?;
        Ok(Proxy::new(&self.bus, icon.destination().to_owned(), path, "com.canonical.dbusmenu")?)
    }
}
