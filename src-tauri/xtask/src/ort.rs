//! Fetches ONNX Runtime, the library that runs the model, once per machine.
//!
//! It comes out of the Python wheel (npm's package where Python has no pip), is accepted by its digest only, kept in the
//! user's cache and copied to `target/ort/`, where the core finds it.

use crate::{Fault, paths, shell};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// One build of the library for one kind of machine.
struct Build {
    os: &'static str,
    arch: &'static str,
    /// How pip names the platform.
    platform: &'static str,
    wheel_file: &'static str,
    wheel_sha256: &'static str,
    npm_file: &'static str,
    npm_sha256: &'static str,
}

const WHEEL: &str = "onnxruntime==1.31.1";
const NPM: &str = "onnxruntime-node@1.30.0";

const BUILDS: &[Build] = &[
    Build {
        os: "linux",
        arch: "x86_64",
        platform: "manylinux_2_28_x86_64",
        wheel_file: "onnxruntime/capi/libonnxruntime.so.1.31.1",
        wheel_sha256: "fc44112fbe06d7d689c57e11d3862031f64711007e4ee020f8eed5185fd2c1d3",
        npm_file: "bin/napi-v6/linux/x64/libonnxruntime.so.1",
        npm_sha256: "ffb75a925ba05e47b235bb66e3e3911714a80b328a9c9425539feb204aa32a23",
    },
    Build {
        os: "linux",
        arch: "aarch64",
        platform: "manylinux_2_28_aarch64",
        wheel_file: "onnxruntime/capi/libonnxruntime.so.1.31.1",
        wheel_sha256: "8aa3b76b28c778a2b1dd660d34161adb1d508c9ccd04ff9dc80e26eca5df8467",
        npm_file: "bin/napi-v6/linux/arm64/libonnxruntime.so.1",
        npm_sha256: "1f549d46250b005580b597f4164984aaf75b3bcb9f3aeb07c7f8a8fe60b23c76",
    },
    Build {
        os: "macos",
        arch: "aarch64",
        platform: "macosx_14_0_arm64",
        wheel_file: "onnxruntime/capi/libonnxruntime.1.31.1.dylib",
        wheel_sha256: "d586cbe89effc085a09d3341b3cfbd5c322517f9d397aeb20814af21433f2b36",
        npm_file: "bin/napi-v6/darwin/arm64/libonnxruntime.1.30.0.dylib",
        npm_sha256: "685d2be5dba1309c89d3a5324b7fd06a5c42f1a61bfea32d14c4cc28d072121d",
    },
    Build {
        os: "windows",
        arch: "x86_64",
        platform: "win_amd64",
        wheel_file: "onnxruntime/capi/onnxruntime.dll",
        wheel_sha256: "e45f61e50d8650885452be538a00bb14a715e46a1bc3691000ce947e89ed0306",
        npm_file: "bin/napi-v6/win32/x64/onnxruntime.dll",
        npm_sha256: "508c362f5673483dd3a086379c392795b2e42d10d5e6f3f90ebd7ac21c97af67",
    },
    Build {
        os: "windows",
        arch: "aarch64",
        platform: "win_arm64",
        wheel_file: "onnxruntime/capi/onnxruntime.dll",
        wheel_sha256: "dc9e2fe646a72829386a24ac9185a7a4e26d7dbe5dc433d41df063603c00bbc7",
        npm_file: "bin/napi-v6/win32/arm64/onnxruntime.dll",
        npm_sha256: "6c3a2abf5c6aca11c48a0d338a91af309f2266f25ce2e4084e6a87bbcb0fbfd0",
    },
];

/// Makes sure that the library lies in `target/ort/`, and returns its path.
///
/// # Errors
/// When there is no build for this machine, or neither source could be fetched.
pub(crate) fn fetch() -> Result<PathBuf, Fault> {
    let build = build_for_this_machine()?;
    let placed = paths::target().join("ort").join(file_name());
    if is_known(build, &placed) {
        return Ok(placed);
    }
    let cached = paths::cache().join("ort-1.31.1").join(file_name());
    if !is_known(build, &cached) {
        download(build, &cached)?;
    }
    shell::place(&cached, &placed)?;
    Ok(placed)
}

fn build_for_this_machine() -> Result<&'static Build, Fault> {
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    BUILDS.iter().find(|build| build.os == os && build.arch == arch).ok_or_else(|| {
        format!(
            "there is no ONNX Runtime for {os} on {arch} that we know. Build it yourself and name the library in ORT_DYLIB_PATH."
        )
    })
}

fn file_name() -> &'static str {
    match std::env::consts::OS {
        "windows" => "onnxruntime.dll",
        "macos" => "libonnxruntime.dylib",
        _ => "libonnxruntime.so",
    }
}

fn download(build: &Build, cached: &Path) -> Result<(), Fault> {
    let dir = paths::cache().join(format!("fetch-{}", std::process::id()));
    std::fs::create_dir_all(&dir).map_err(|error| format!("cannot write {}: {error}", dir.display()))?;
    let found = from_wheel(build, &dir).or_else(|first| {
        from_npm(build, &dir).map_err(|second| {
            format!("ONNX Runtime could not be fetched; is this machine online?\n  {first}\n  {second}")
        })
    });
    let placed = found.and_then(|library| shell::place(&library, cached));
    // What lies there is only in the way; the next fetch uses another folder.
    std::fs::remove_dir_all(&dir).ok();
    placed
}

fn from_wheel(build: &Build, dir: &Path) -> Result<PathBuf, Fault> {
    let python = ["python3", "python"]
        .into_iter()
        .find(|python| shell::read(shell::command(python).args(["-m", "pip", "--version"])).is_some())
        .ok_or("there is no Python with pip")?;
    shell::run(
        shell::command(python)
            .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"])
            .args(["--only-binary=:all:", "--implementation=cp", "--python-version=3.12"])
            .arg(format!("--platform={}", build.platform))
            .arg(WHEEL)
            .arg("--dest")
            .arg(dir),
    )?;
    let wheel = file_in(dir, ".whl").ok_or("pip brought no wheel")?;
    // A wheel is a zip archive.
    shell::run(shell::command(python).args(["-m", "zipfile", "-e"]).arg(wheel).arg(dir))?;
    checked(dir.join(build.wheel_file), build.wheel_sha256)
}

fn from_npm(build: &Build, dir: &Path) -> Result<PathBuf, Fault> {
    shell::run(
        shell::npm()
            .args(["install", "--ignore-scripts", "--no-save", "--no-audit", "--no-fund", "--prefix"])
            .arg(dir)
            .arg(NPM),
    )?;
    checked(dir.join("node_modules/onnxruntime-node").join(build.npm_file), build.npm_sha256)
}

fn checked(library: PathBuf, wanted: &str) -> Result<PathBuf, Fault> {
    match digest(&library) {
        Some(found) if found == wanted => Ok(library),
        Some(found) => Err(format!("{} is not what we know: sha256 {found}", library.display())),
        None => Err(format!("{} is missing", library.display())),
    }
}

fn is_known(build: &Build, library: &Path) -> bool {
    digest(library).is_some_and(|found| found == build.wheel_sha256 || found == build.npm_sha256)
}

fn digest(file: &Path) -> Option<String> {
    let bytes = std::fs::read(file).ok()?;
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        write!(text, "{byte:02x}").expect("a String takes everything");
    }
    Some(text)
}

fn file_in(dir: &Path, ending: &str) -> Option<PathBuf> {
    let entries = std::fs::read_dir(dir).ok()?;
    entries.flatten().map(|entry| entry.path()).find(|path| path.to_string_lossy().ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::BUILDS;

    #[test]
    fn every_build_is_pinned() {
        for build in BUILDS {
            for digest in [build.wheel_sha256, build.npm_sha256] {
                assert!(digest.len() == 64, "{} {} has no whole digest", build.os, build.arch);
            }
        }
    }
}
