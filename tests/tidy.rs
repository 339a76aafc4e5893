//! The rules of the house that no compiler checks, as data where they can be.

mod circles;

use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Which of our crates each crate may use.
const EDGES: &[(&str, &[&str])] = &[
    ("parser", &[]),
    ("domain", &["parser"]),
    ("gcode", &["domain", "parser"]),
    ("agent", &["domain"]),
    ("marlin", &["domain", "parser"]),
    ("verdict", &["domain"]),
    ("hub", &["domain", "verdict", "parser"]),
    ("printer", &["domain", "gcode", "marlin", "parser"]),
    ("sandbox", &[]),
    ("outbound", &["domain"]),
    ("camera", &["domain", "outbound", "sandbox"]),
    ("detect", &["domain", "sandbox"]),
    ("timelapse", &["domain", "sandbox"]),
    ("store", &["domain"]),
    (
        "station",
        &[
            "agent",
            "domain",
            "gcode",
            "marlin",
            "verdict",
            "hub",
            "printer",
            "camera",
            "detect",
            "sandbox",
            "outbound",
            "timelapse",
            "store",
        ],
    ),
    ("notices", &["camera", "domain", "outbound", "station", "store"]),
    ("mqtt", &["camera", "domain", "outbound", "station", "store"]),
    ("api", &["domain", "mqtt", "notices", "outbound", "station", "store"]),
    ("sim", &["domain", "gcode", "camera", "printer"]),
    ("update", &[]),
    (
        "vigil",
        &[
            "api",
            "station",
            "sim",
            "domain",
            "gcode",
            "detect",
            "verdict",
            "printer",
            "camera",
            "sandbox",
            "timelapse",
            "store",
            "update",
        ],
    ),
    ("printvigil", &[]),
    ("xtask", &[]),
];

/// Crates without I/O, clock, threads or SQL, and all that they may use from elsewhere.
const PURE: &[&str] = &["parser", "domain", "gcode", "marlin", "agent", "verdict", "hub"];
const PURE_MAY_USE: &[&str] = &[
    "crc32fast",
    "flate2",
    "jiff",
    "memchr",
    "serde",
    "serde_json",
    "thiserror",
    "tracing",
    "schemars",
    "ts-rs",
];

/// What may lie at the top of the checkout.
const TOP: &[&str] = &[
    ".cargo",
    ".ci",
    ".clippy.toml",
    ".deny.toml",
    ".editorconfig",
    ".gitattributes",
    ".github",
    ".gitignore",
    ".rustfmt.toml",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "migrations",
    "models",
    "src-tauri",
    "tests",
    "ui",
];

/// A file tells one story in this many lines, tests included.
const LINES: usize = 400;

/// Files that use each other in circles within their crate, a crate a line, as it is now: it may only shrink.
const CIRCLES: &str = include_str!("data/circles.txt");

/// Documents whose paths must exist.
const DOCS: &[&str] =
    &["README.md", "src-tauri/ARCHITECTURE.md", "models/README.md", ".github/CONTRIBUTING.md"];

#[test]
fn crates_use_only_what_the_table_allows() {
    let allowed: BTreeMap<&str, &[&str]> = EDGES.iter().copied().collect();
    let packages = packages();
    let ours: BTreeSet<&str> = packages.iter().map(|(name, _)| name.as_str()).collect();
    for (name, uses) in packages.iter().filter(|(name, _)| name != "tests") {
        let may =
            allowed.get(name.as_str()).unwrap_or_else(|| panic!("{name} is not in the table of crates"));
        for used in uses.iter().filter(|used| ours.contains(used.as_str())) {
            assert!(
                may.contains(&used.as_str()),
                "{name} may not use {used}: what it needs belongs elsewhere"
            );
        }
    }
}

#[test]
fn pure_crates_use_nothing_that_acts() {
    let packages = packages();
    let ours: BTreeSet<&str> = packages.iter().map(|(name, _)| name.as_str()).collect();
    for (name, uses) in packages.iter().filter(|(name, _)| PURE.contains(&name.as_str())) {
        for used in uses.iter().filter(|used| !ours.contains(used.as_str())) {
            assert!(PURE_MAY_USE.contains(&used.as_str()), "{name} is pure and may not use {used}");
        }
    }
}

#[test]
fn files_tell_one_story() {
    let long: Vec<String> = files()
        .iter()
        .filter(|file| ["rs", "ts", "svelte"].iter().any(|end| has_ending(file, end)))
        .filter(|file| !file.starts_with("ui/src/lib/bindings"))
        .filter_map(|file| {
            let lines = text(file)?.lines().count();
            (lines > LINES).then(|| format!("{} has {lines} lines", file.display()))
        })
        .collect();
    assert!(long.is_empty(), "over {LINES} lines, split by story: {long:#?}");
}

#[test]
fn files_use_each_other_in_no_new_circle() {
    for (name, src) in sources() {
        let known =
            CIRCLES.lines().filter_map(|line| line.split_once(": ")).find(|(known, _)| *known == name);
        let found: BTreeSet<String> = circles::circles(&root().join(src)).into_iter().flatten().collect();
        let known: BTreeSet<String> =
            known.iter().flat_map(|(_, files)| files.split(' ')).map(str::to_owned).collect();
        let new: Vec<&String> = found.difference(&known).collect();
        assert!(new.is_empty(), "{name}: these files use each other in a circle and did not before: {new:?}");
        let gone: Vec<&String> = known.difference(&found).collect();
        assert!(
            gone.is_empty(),
            "{name}: take these out of the table of circles, they are in none: {gone:?}"
        );
    }
}

#[test]
fn migrations_are_never_edited() {
    let known =
        text(Path::new("migrations/hashes.txt")).expect("migrations/hashes.txt lists every migration");
    let known: BTreeMap<&str, &str> = known
        .lines()
        .filter_map(|line| line.split_once(char::is_whitespace))
        .map(|(digest, path)| (path.trim(), digest))
        .collect();
    for file in files().iter().filter(|file| file.starts_with("migrations/") && has_ending(file, "sql")) {
        let name = file.to_string_lossy().replace('\\', "/");
        // The whole schema, with comments, follows the migrations.
        if name == "migrations/schema.sql" {
            continue;
        }
        let digest =
            known.get(name.as_str()).unwrap_or_else(|| panic!("{name} is not in migrations/hashes.txt"));
        let bytes = std::fs::read(root().join(file)).expect("listed a moment ago");
        assert_eq!(
            *digest,
            hex(&Sha256::digest(bytes)),
            "{name} has landed and may not change: add a new one"
        );
    }
    for path in known.keys() {
        assert!(root().join(path).is_file(), "{path} has landed and may not go");
    }
}

#[test]
fn what_documents_name_exists() {
    for doc in DOCS {
        let text = text(Path::new(doc)).unwrap_or_else(|| panic!("{doc} is missing"));
        let beside = Path::new(doc).parent().expect("a document lies in a folder");
        for path in named_paths(&text) {
            let there = [Path::new(""), beside, Path::new("src-tauri/crates"), Path::new("src-tauri")]
                .iter()
                .any(|base| root().join(base).join(&path).exists());
            assert!(there, "{doc} names {path}, which does not exist");
        }
    }
}

#[test]
fn what_the_architecture_calls_a_hop_is_a_function_that_is_there() {
    let doc = text(Path::new("src-tauri/ARCHITECTURE.md")).expect("it is there");
    let hops: Vec<(String, String)> = outside_code_blocks(&doc)
        .split('`')
        .skip(1)
        .step_by(2)
        .filter_map(|quoted| quoted.split_once(".rs:"))
        .map(|(file, name)| (format!("src-tauri/crates/{file}.rs"), name.trim().to_owned()))
        .collect();
    assert!(hops.len() > 30, "only {} hops are named", hops.len());
    for (file, name) in hops {
        let code = text(Path::new(&file)).unwrap_or_else(|| panic!("{file} does not exist"));
        let there = code.match_indices("fn ").any(|(at, word)| {
            let rest = &code[at + word.len()..];
            rest.starts_with(&name) && rest[name.len()..].starts_with(['(', '<'])
        });
        assert!(there, "{file} has no function {name}");
    }
}

#[test]
fn the_top_holds_only_what_belongs_there() {
    for file in files() {
        let top = file.components().next().expect("a path has a first part").as_os_str().to_string_lossy();
        assert!(TOP.contains(&top.as_ref()), "{top} does not belong at the top");
    }
}

#[test]
fn no_file_names_a_machine() {
    let checkout = format!("{}/", root().display());
    let homes = ["/root/", "/home/", "/Users/", "\\Users\\"];
    // A person's folder has a name; a route that ends there is none, and "me" is an example.
    let is_named =
        |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphanumeric()) && !rest.starts_with("me/");
    for file in files().iter().filter(|file| !file.ends_with("tidy.rs")) {
        let Some(text) = text(file) else { continue };
        for (number, line) in (1..).zip(text.lines()) {
            let home = homes.iter().any(|home| line.split(home).skip(1).any(is_named));
            assert!(
                !home && !line.contains(&checkout),
                "{}:{number} names a place on one machine",
                file.display()
            );
        }
    }
}

/// The folders with our packages' sources.
fn sources() -> Vec<(String, PathBuf)> {
    let crates = packages().into_iter().map(|(name, _)| name).filter(|name| name != "tests");
    let folder = |name: &str| match name {
        "printvigil" => "src-tauri/src".into(),
        "xtask" => "src-tauri/xtask/src".into(),
        name => PathBuf::from(format!("src-tauri/crates/{name}/src")),
    };
    crates.map(|name| (name.clone(), folder(&name))).collect()
}

/// Our packages, with everything that each one names as a dependency, for tests and building too.
fn packages() -> Vec<(String, BTreeSet<String>)> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version=1"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let packages = metadata["packages"].as_array().expect("a list of packages");
    packages.iter().map(|package| (name(package), uses(package))).collect()
}

fn uses(package: &Value) -> BTreeSet<String> {
    let pure = PURE.contains(&name(package).as_str());
    let dependencies = package["dependencies"].as_array().expect("a list of dependencies").iter();
    // What a pure crate tests itself with may do what it likes.
    dependencies.filter(|used| !(pure && used["kind"] == "dev")).map(name).collect()
}

fn name(value: &Value) -> String {
    value["name"].as_str().expect("it has a name").to_owned()
}

/// Returns the paths that a document names: `like/this` in backticks, or as the target of a link.
fn named_paths(text: &str) -> Vec<String> {
    let prose = outside_code_blocks(text);
    let quoted = prose.split('`').skip(1).step_by(2);
    let linked = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let path = |word: &&str| {
        let plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "_-./".contains(c));
        // Built, asked for over HTTP, or on the user's machine: not ours to find here.
        let elsewhere =
            ["target/", "ui/dist", "api/", "media/", "/"].iter().any(|start| word.starts_with(start));
        plain && word.contains('/') && !elsewhere
    };
    let named =
        quoted.filter(path).chain(linked.filter(|word| !word.contains(':') && !word.starts_with('#')));
    named.map(str::to_owned).collect()
}

fn outside_code_blocks(text: &str) -> String {
    text.split("```").step_by(2).collect()
}

/// Every file of the project, tracked or about to be, relative to the top.
fn files() -> Vec<PathBuf> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git runs");
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    let files: Vec<PathBuf> = listed.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from).collect();
    assert!(!files.is_empty(), "git lists no files; the tests run in a checkout");
    // What was removed a moment ago is still listed.
    files.into_iter().filter(|file| root().join(file).is_file()).collect()
}

fn text(file: &Path) -> Option<String> {
    std::fs::read_to_string(root().join(file)).ok()
}

fn has_ending(file: &Path, ending: &str) -> bool {
    file.extension().is_some_and(|end| end == ending)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests lie in the checkout").to_path_buf()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
