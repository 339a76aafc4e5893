//! What must hold in the environment before any thread or toolkit starts.

/// Returns whether a test drives this window from outside.
pub(crate) fn driven() -> bool {
    std::env::var("TAURI_WEBVIEW_AUTOMATION").is_ok_and(|value| value == "true")
}

/// Says what to do where there is no screen to show a window on: the toolkit itself would only panic.
///
/// # Errors
/// On Linux without X11 and Wayland.
pub(crate) fn screen() -> anyhow::Result<()> {
    let there = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|v| !v.is_empty()));
    if cfg!(target_os = "linux") && !there {
        anyhow::bail!(
            "there is no screen here. Use the page in a browser instead: \"vigil serve\" (from the sources: \"cargo xtask run --headless\")"
        );
    }
    Ok(())
}

/// Sets right what a page stumbles over, by starting this program again in a mended environment.
///
/// An unset locale becomes the language "C" in a page, for which JavaScript has no number formats. And without a graphics
/// device the page is drawn faster without layers; but not when driven, since pictures of the window then never come.
///
/// # Errors
/// When the program cannot be started again; the caller may go on as it is.
#[cfg(unix)]
pub(crate) fn settle() -> anyhow::Result<()> {
    use std::os::unix::process::CommandExt;

    let mended = mended(|name| std::env::var(name).ok(), std::path::Path::new("/dev/dri").exists(), driven());
    if mended.is_empty() {
        return Ok(());
    }
    let mut again = std::process::Command::new(std::env::current_exe()?);
    again.args(std::env::args_os().skip(1)).envs(mended).env_remove("LC_ALL");
    Err(again.exec().into())
}

/// Nothing to mend elsewhere.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub(crate) fn settle() -> anyhow::Result<()> {
    Ok(())
}

/// Returns what to set; nothing once it is set.
#[cfg(unix)]
fn mended(
    var: impl Fn(&str) -> Option<String>,
    graphics_there: bool,
    driven: bool,
) -> Vec<(&'static str, &'static str)> {
    let mut mended = Vec::new();
    let locale = ["LC_ALL", "LANG"].iter().find_map(|name| var(name).filter(|value| !value.is_empty()));
    if locale.is_none_or(|locale| ["C", "POSIX"].contains(&locale.as_str())) {
        mended.push(("LANG", "en_US.UTF-8"));
    }
    const PLAIN: &str = "WEBKIT_DISABLE_COMPOSITING_MODE";
    if cfg!(target_os = "linux") && !graphics_there && !driven && var(PLAIN).is_none() {
        mended.push((PLAIN, "1"));
    }
    mended
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::mended;

    fn names(vars: &[(&str, &str)], graphics_there: bool, driven: bool) -> Vec<&'static str> {
        let var = |name: &str| vars.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        mended(var, graphics_there, driven).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn a_locale_without_a_language_is_mended() {
        for vars in
            [&[][..], &[("LANG", "")], &[("LANG", "C")], &[("LANG", "de_DE.UTF-8"), ("LC_ALL", "POSIX")]]
        {
            assert_eq!(names(vars, true, false), ["LANG"], "with {vars:?}");
        }
        assert!(names(&[("LANG", "de_DE.UTF-8")], true, false).is_empty());
    }

    #[test]
    fn layers_go_only_without_graphics_and_without_a_driver() {
        let lang = ("LANG", "de_DE.UTF-8");
        assert_eq!(names(&[lang], false, false), ["WEBKIT_DISABLE_COMPOSITING_MODE"]);
        assert!(names(&[lang], false, true).is_empty());
        assert!(names(&[lang, ("WEBKIT_DISABLE_COMPOSITING_MODE", "1")], false, false).is_empty());
    }
}
