//! The window: starts the core that lies beside it, or joins the one that runs, and shows its page.
//!
//! Holds no rule. What a printer may do is asked of the core over HTTP, by the page; the window itself only brings what a
//! page cannot: the address of the core, the desktop's notices, a place to save a film, a tray, and a question before it goes.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod args;
mod closing;
mod commands;
mod core;
mod environment;
mod http;
mod tray;

use crate::core::Core;
use args::Args;
use std::process::ExitCode;
use tauri::{AppHandle, Builder, Manager, WindowEvent};

fn main() -> ExitCode {
    if let Err(error) = environment::settle() {
        eprintln!("printvigil: {error:#}");
    }
    let args = match Args::parse(std::env::args_os().skip(1)) {
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
            .plugin(tauri_plugin_single_instance::init(|app, _, _| show(app)))
            .plugin(tauri_plugin_window_state::Builder::default().build());
    }
    builder
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_notification::init())
        .invoke_handler(tauri::generate_handler![
            commands::connect,
            commands::start_again,
            commands::notify,
            commands::save_film
        ])
        .setup(move |app| {
            let data_dir = match args.data_dir {
                Some(dir) => dir,
                None => app.path().data_dir()?.join("printvigil"),
            };
            app.manage(Core::new(data_dir, args.with_demo));
            if let Err(error) = tray::raise(app.handle(), show, closing::ask) {
                eprintln!("printvigil: no tray icon: {error:#}");
            }
            Ok(())
        })
        .on_window_event(|window, event| {
            if let WindowEvent::CloseRequested { api, .. } = event {
                api.prevent_close();
                closing::ask(window.app_handle());
            }
        })
        .run(tauri::generate_context!())
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
