//! Cameras that come, change and go while the hub runs.

use crate::hub::Hub;
use crate::step::orders_first;
use crate::world::SeenCamera;
use domain::{Camera, CameraHealth, CameraId, Effect, IgnoreArea, Now};

impl Hub {
    /// Takes a camera in, or replaces its settings.
    pub fn put_camera(&mut self, camera: Camera, now: Now) -> Vec<Effect> {
        let mut same = true;
        let (ignore, scale) = self
            .world
            .cameras
            .remove(&camera.id)
            .map(|seen| {
                same &= seen.camera.shows_as(&camera);
                (seen.ignore, seen.scale)
            })
            .unwrap_or_default();
        let id = camera.id;
        let seen = SeenCamera { camera, health: CameraHealth::Opening, ignore, scale };
        self.world.cameras.insert(id, seen);
        if same { orders_first(self.with_all(now, |_, _| ())) } else { self.forget_scale(id, now) }
    }

    /// Forgets what was learnt of a camera; it is forgotten in the database already.
    pub fn forget_scale(&mut self, id: CameraId, now: Now) -> Vec<Effect> {
        if let Some(seen) = self.world.cameras.get_mut(&id) {
            seen.scale = None;
        }
        orders_first(self.with_all(now, |session, cx| session.forget_scale_of(id, cx)))
    }

    /// Changes where nothing counts in a camera's picture.
    pub fn set_ignore(&mut self, id: CameraId, areas: Vec<IgnoreArea>, now: Now) -> Vec<Effect> {
        if let Some(seen) = self.world.cameras.get_mut(&id) {
            seen.ignore = areas;
        }
        orders_first(self.with_all(now, |_, _| ()))
    }

    /// Forgets a camera; printers that watched it watch none.
    pub fn remove_camera(&mut self, id: CameraId, now: Now) -> Vec<Effect> {
        self.world.cameras.remove(&id);
        orders_first(self.with_all(now, |session, cx| session.forget_camera(id, cx)))
    }
}
