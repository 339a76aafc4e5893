//! Without a usable library. Alone in its process, since a library that was loaded once stays.
#![allow(clippy::unwrap_used)] // Helpers of tests.

use detect::{DetectError, OnnxDetector, RUNTIME_FILE};
use std::path::Path;

#[test]
fn a_missing_or_broken_library_is_an_error_and_not_a_panic() {
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/grid.onnx");
    let dir = tempfile::tempdir().unwrap();
    let broken = dir.path().join(RUNTIME_FILE);
    std::fs::write(&broken, "this is no library").unwrap();
    for path in [&dir.path().join("absent"), &broken] {
        let Err(error) = OnnxDetector::load(path, &model) else { panic!("{} was loaded", path.display()) };
        let text = error.for_people();
        assert!(matches!(error, DetectError::NoRuntime { .. } | DetectError::Runtime { .. }), "{text}");
        assert!(
            text.contains("Install Printvigil again") && text.contains(&path.display().to_string()),
            "{text}"
        );
    }
}
