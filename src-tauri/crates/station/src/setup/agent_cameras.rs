//! Cameras of agents stand as their hosts have them: what an agent tells of that is taken over, unless a person has turned
//! the picture here.

use super::machines::Machines;
use crate::error::StationError;
use domain::{Camera, CameraSource, PrinterId, Rotation, Turned};
use tokio::sync::mpsc;

/// Takes over what agents tell, until nobody tells any more.
pub(crate) async fn follow(machines: Machines, mut told: mpsc::Receiver<(PrinterId, Turned)>) {
    while let Some((printer, turned)) = told.recv().await {
        if let Err(error) = turn(&machines, printer, turned).await {
            tracing::warn!(%printer, %error, "a camera was not turned as its host has it");
        }
    }
}

async fn turn(machines: &Machines, printer: PrinterId, turned: Turned) -> Result<(), StationError> {
    let cameras = machines.cameras().await?;
    let of_agent = |camera: &&Camera| camera.source == CameraSource::Agent { printer, url: None };
    let Some(camera) = cameras.iter().find(of_agent).and_then(|camera| turned_as(camera, turned)) else {
        return Ok(());
    };
    machines.put_camera(camera).await.map(|_| ())
}

/// Returns the camera as the host has it; `None` when it stands so, or a person has turned it.
fn turned_as(camera: &Camera, Turned { rotation, flip_h, flip_v }: Turned) -> Option<Camera> {
    let by_a_person = camera.rotation != Rotation::Deg0 || camera.flip_h || camera.flip_v;
    let upright = rotation == Rotation::Deg0 && !flip_h && !flip_v;
    (!by_a_person && !upright).then(|| Camera { rotation, flip_h, flip_v, ..camera.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::CameraId;

    #[test]
    fn what_a_person_has_turned_stays() {
        let source = CameraSource::Agent { printer: PrinterId(3), url: None };
        let rotation = Rotation::Deg0;
        let camera = Camera {
            id: CameraId(1),
            name: "C".into(),
            source,
            rotation,
            flip_h: false,
            flip_v: false,
            crop: None,
        };
        let told = Turned { rotation: Rotation::Deg90, flip_h: true, flip_v: false };
        let turned = turned_as(&camera, told).expect("as the host has it");
        assert_eq!((turned.rotation, turned.flip_h, turned.flip_v), (Rotation::Deg90, true, false));
        assert_eq!(turned_as(&turned, Turned { flip_v: true, ..told }), None, "a person may have done it");
        assert_eq!(turned_as(&camera, Turned::default()), None, "it stands so");
    }
}
