//! Compiles the window's settings and permissions in.

fn main() {
    // The window's own commands get permissions of their own: a page may call what `capabilities/` names, and no more.
    let commands = tauri_build::AppManifest::new().commands(&[
        "connect",
        "start_again",
        "notify",
        "save_film",
        "take_opened",
        "read_opened",
        "background",
        "set_background",
        "choose_update",
        "install_update",
        "choose_backup",
        "restore_backup",
    ]);
    if let Err(error) = tauri_build::try_build(tauri_build::Attributes::new().app_manifest(commands)) {
        println!("cargo::error={error:#}");
    }
}
