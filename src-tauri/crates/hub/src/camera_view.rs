//! The camera as it is shown, and what Obico's apps know of a printer's settings.

use crate::facts::Facts;
use crate::scale::learnt_view;
use domain::{CameraHealth, CameraSource, CameraView, OtherCamera, PrinterSettings, StreamRatio};
use std::collections::BTreeMap;

/// Composes the camera that the printer is watched with.
pub(crate) fn camera_view(facts: &Facts<'_>) -> Option<CameraView> {
    let seen = facts.camera()?;
    let (live, reason, size) = match &seen.health {
        CameraHealth::Opening => (false, "The camera is being opened.".into(), None),
        CameraHealth::Live { width, height } => (true, String::new(), Some((*width, *height))),
        CameraHealth::Lost { why } => (false, why.clone(), None),
    };
    let ignore = seen.ignore.clone();
    let model = facts.world.detector.as_ref().and_then(|model| model.as_deref().ok());
    let learnt = seen.scale.as_ref().map(|scale| learnt_view(scale, model));
    Some(CameraView { id: seen.camera.id, camera: seen.camera.clone(), live, reason, size, ignore, learnt })
}

/// Composes the cameras that show the printer besides.
pub(crate) fn other_cameras(facts: &Facts<'_>) -> Vec<OtherCamera> {
    let seen = facts.settings.other_cameras.iter().filter_map(|id| facts.world.camera(Some(*id)));
    seen.map(|seen| {
        let reason = match &seen.health {
            CameraHealth::Lost { why } => why.clone(),
            CameraHealth::Opening | CameraHealth::Live { .. } => String::new(),
        };
        OtherCamera { id: seen.camera.id, name: seen.camera.name.clone(), reason }
    })
    .collect()
}

/// Composes what Obico's apps know as a printer's settings.
pub(crate) fn obico_settings(facts: &Facts<'_>) -> PrinterSettings {
    let seen = facts.camera();
    let size = camera_view(facts).and_then(|view| view.size).or_else(|| match &seen?.camera.source {
        CameraSource::Device { format, .. } => format.map(|(width, height, _)| (width, height)),
        CameraSource::Snapshot { .. }
        | CameraSource::Mjpeg { .. }
        | CameraSource::Rtsp { .. }
        | CameraSource::Agent { .. }
        | CameraSource::Demo { .. } => None,
    });
    let camera = seen.map(|seen| &seen.camera);
    PrinterSettings {
        webcam_flipV: camera.is_some_and(|camera| camera.flip_v),
        webcam_flipH: camera.is_some_and(|camera| camera.flip_h),
        webcam_streamRatio: size.map_or(StreamRatio::SixteenNine, |(w, h)| StreamRatio::nearest(w, h)),
        webcam_rotation: camera.map_or(0, |camera| camera.rotation.into()),
        agent_name: facts.agent().name,
        agent_version: facts.agent().version,
        temp_profiles: match facts.settings.temp_profiles.as_slice() {
            [] => temp_profiles(),
            set => set.to_vec(),
        },
    }
}

/// Presets that suit most machines.
fn temp_profiles() -> Vec<BTreeMap<String, serde_json::Value>> {
    [("PLA", 205, 60), ("PETG", 240, 80), ("ABS", 245, 100), ("TPU", 225, 50)]
        .into_iter()
        .map(|(name, extruder, bed)| {
            BTreeMap::from([
                ("name".to_owned(), serde_json::Value::from(name)),
                ("extruder".to_owned(), serde_json::Value::from(extruder)),
                ("bed".to_owned(), serde_json::Value::from(bed)),
            ])
        })
        .collect()
}
