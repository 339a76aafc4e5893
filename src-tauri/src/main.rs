//! The window: starts the core that lies beside it, or joins the one that runs, and shows its page.
//!
//! Holds no rule. What a printer may do is asked of the core over HTTP, by the page; the window itself only brings what a
//! page cannot: the address of the core, the desktop's notices, a place to save a film, a tray, and a question before it goes.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod args;
mod autostart;
mod background;
mod closing;
mod commands;
mod core;
mod environment;
mod http;
mod maintenance;
mod opened;
mod tray;

use crate::core::Core;
use args::Args;
use opened::Opened;
use std::path::Path;
use std::process::ExitCode;
use tauri::{AppHandle, Builder, Manager, WindowEvent};
use tauri_plugin_window_state::StateFlags;

fn main() -> ExitCode {
    if let Err(error) = environment::settle() {
        eprintln!("printvigil: {error:#}");
    }
    let here = std::env::current_dir().unwrap_or_default();
    let args = match Args::parse(std::env::args_os().skip(1), &here) {
        Ok(args) => args,
        Err(error) => {
            eprintln!("printvigil: {error:#}");
            return ExitCode::from(2);
        }
    };
    if let Err(error) = environment::screen() {
        eprintln!("printvigil: {error:#}");
        return ExitCode::FAILURE;
    }
    match open(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("printvigil: the window could not be opened: {error}");
            ExitCode::FAILURE
        }
    }
}

fn open(args: Args) -> tauri::Result<()> {
    let mut builder = Builder::default();
    // A driven window is one of many, each with data of its own, and starts at the size that its test expects.
    if !environment::driven() {
        builder = builder
            .plugin(tauri_plugin_single_instance::init(|app, words, from| {
                hand_on(app, &words, &from);
            }))
            .plugin(
                // Whether it is shown is decided anew at each start.
                tauri_plugin_window_state::Builder::default()
                    .with_state_flags(StateFlags::all() & !StateFlags::VISIBLE)
                    .build(),
            );
    }
    builder
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_notification::init())
        .invoke_handler(tauri::generate_handler![
            commands::connect,
            commands::start_again,
            commands::notify,
            commands::save_film,
            background::background,
            background::set_background,
            maintenance::choose_update,
            maintenance::install_update,
            maintenance::choose_backup,
            maintenance::restore_backup,
            opened::take_opened,
            opened::read_opened
        ])
        .setup(move |app| {
            let data_dir = match args.data_dir {
                Some(dir) => dir,
                None => app.path().data_dir()?.join("printvigil"),
            };
            app.manage(Core::new(data_dir, args.with_demo));
            let opened = Opened::default();
            opened.add(args.files);
            app.manage(opened);
            app.manage(maintenance::Chosen::default());
            if let Err(error) = tray::raise(app.handle(), show, closing::quit) {
                eprintln!("printvigil: no tray icon: {error:#}");
            }
            if !args.in_background {
                show(app.handle());
            }
            Ok(())
        })
        .on_window_event(|window, event| {
            if let WindowEvent::CloseRequested { api, .. } = event {
                api.prevent_close();
                closing::close(window.app_handle());
            }
        })
        .run(tauri::generate_context!())
}

/// Takes over what a second start of the program was opened with.
fn hand_on(app: &AppHandle, words: &[String], from: &str) {
    let words = words.iter().skip(1).map(Into::into);
    let handed = Args::parse(words, Path::new(from)).and_then(|args| {
        if !args.in_background {
            show(app);
        }
        Ok(opened::hand_on(app, args.files)?)
    });
    if let Err(error) = handed {
        show(app);
        eprintln!("printvigil: {error:#}");
    }
}

/// Brings the window to the front, wherever it was.
fn show(app: &AppHandle) {
    if let Some(window) = app.get_webview_window("main") {
        // A desktop that refuses one of these leaves the window where it is.
        let _ = window.show();
        let _ = window.unminimize();
        let _ = window.set_focus();
    }
}
