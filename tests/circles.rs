//! Which files of a crate use each other in a circle, so that none can be read, changed or tested without the others.
//!
//! A file uses another when it names something of it (`use` lines and paths, re-exports followed), when it holds an
//! `impl` block of a type that the other defines, and when one `impl` block of a type calls on `self` what another block
//! of the same type defines in the other file. Tests, and files that are only compiled for them, are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The files of one crate, by module path (`""` is the root, `a::b` lies in `a/b.rs`).
struct Crate {
    files: BTreeMap<String, Source>,
    /// Modules that are only compiled for tests.
    test_only: BTreeSet<String>,
}

/// One file, comments, texts and tests taken out.
struct Source {
    name: String,
    code: String,
    /// Paths of `use` lines, with the words that begin each.
    uses: Vec<Vec<String>>,
    /// Names that this file gives on: name to path.
    given_on: BTreeMap<String, Vec<String>>,
}

/// Returns the groups of files in `src` that use each other in a circle, by name, each group and all of them sorted.
pub(crate) fn circles(src: &Path) -> Vec<Vec<String>> {
    let read = Crate::read(src);
    let edges = read.edges();
    groups(&edges)
        .into_iter()
        .map(|group| {
            let mut names: Vec<String> =
                group.iter().map(|module| read.files[*module].name.clone()).collect();
            names.sort();
            names
        })
        .collect()
}

impl Crate {
    fn read(src: &Path) -> Self {
        let mut found = Vec::new();
        rust_files(src, &mut found);
        found.sort();
        let mut files = BTreeMap::new();
        let mut test_only = BTreeSet::new();
        for path in found {
            let name = path.strip_prefix(src).expect("found below it").to_string_lossy().replace('\\', "/");
            let module = module_of(&name);
            let text = std::fs::read_to_string(&path).expect("listed a moment ago");
            let (code, hidden) = without_tests(&plain_code(&text));
            test_only.extend(hidden.into_iter().map(|child| join(&module, &child)));
            let (uses, given_on) = use_lines(&code);
            files.insert(module, Source { name, code, uses, given_on });
        }
        let is_test = |module: &String| {
            test_only.iter().any(|test| module == test || module.starts_with(&format!("{test}::")))
        };
        files.retain(|module, _| !is_test(module));
        Self { files, test_only }
    }

    /// Returns which module uses which others.
    fn edges(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut edges: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let homes = self.homes();
        let blocks: BTreeMap<&str, Vec<Block<'_>>> =
            self.files.iter().map(|(module, source)| (module.as_str(), impl_blocks(&source.code))).collect();
        for (module, source) in &self.files {
            let used = edges.entry(module).or_default();
            let inline = paths_in(&source.code);
            used.extend(source.uses.iter().chain(&inline).filter_map(|path| self.resolve(module, path, 0)));
            for block in &blocks[module.as_str()] {
                used.extend(homes.get(block.of).copied().flatten());
                for (other, theirs) in &blocks {
                    let same = theirs.iter().filter(|b| b.of == block.of);
                    if same.flat_map(|b| &b.defines).any(|name| block.calls.contains(name)) {
                        used.insert(other);
                    }
                }
            }
            used.remove(module.as_str());
        }
        edges
    }

    /// Returns the module that defines each type; none where several define one of that name.
    fn homes(&self) -> BTreeMap<&str, Option<&str>> {
        let mut homes: BTreeMap<&str, Option<&str>> = BTreeMap::new();
        for (module, source) in &self.files {
            for line in source.code.lines() {
                let item = line.trim_start();
                let item = item.strip_prefix("pub(crate) ").or(item.strip_prefix("pub ")).unwrap_or(item);
                let named = ["struct ", "enum ", "trait "].iter().find_map(|word| item.strip_prefix(word));
                if let Some(name) = named.map(first_word) {
                    homes.entry(name).and_modify(|home| *home = None).or_insert(Some(module));
                }
            }
        }
        homes
    }

    /// Returns the module whose file holds what a path in `module` names; none for what is another crate's.
    fn resolve(&self, module: &str, path: &[String], depth: usize) -> Option<&str> {
        let (first, mut rest) = path.split_first()?;
        let mut at = match first.as_str() {
            "crate" => String::new(),
            "self" => module.to_owned(),
            "super" => parent(module),
            child => Some(join(module, child)).filter(|child| self.files.contains_key(child))?,
        };
        while let Some((next, tail)) = rest.split_first() {
            let below = if next == "super" { parent(&at) } else { join(&at, next) };
            if self.test_only.contains(&below) {
                return None;
            }
            if next != "super" && !self.files.contains_key(&below) {
                // A name: of the file itself, or given on from another.
                let given_on = self.files.get(&at).and_then(|source| source.given_on.get(next));
                let found =
                    given_on.filter(|_| depth < 8).and_then(|path| self.resolve(&at, path, depth + 1));
                return found.or_else(|| self.files.get_key_value(&at).map(|(module, _)| module.as_str()));
            }
            (at, rest) = (below, tail);
        }
        self.files.get_key_value(&at).map(|(module, _)| module.as_str())
    }
}

/// An `impl` block: whose, which functions it defines and which it calls on `self`.
struct Block<'a> {
    of: &'a str,
    defines: BTreeSet<&'a str>,
    calls: BTreeSet<&'a str>,
}

fn impl_blocks(code: &str) -> Vec<Block<'_>> {
    let starts = code.match_indices("\nimpl").map(|(at, _)| &code[at + 5..]);
    let blocks = starts.filter(|rest| rest.starts_with([' ', '<'])).filter_map(|rest| {
        let (head, _) = rest.split_once('{')?;
        let head = head.strip_prefix('<').map_or(head, |generic| after_generics(generic));
        let of = head.split_once(" for ").map_or(head, |(_, of)| of);
        let of = first_word(of.split('<').next()?.trim().rsplit("::").next()?);
        // Blocks stand at the margin, and so does their end.
        let body = rest.split_once("\n}").map_or(rest, |(body, _)| body);
        let defines = body.match_indices("fn ").map(|(at, word)| first_word(&body[at + word.len()..]));
        let calls = body.match_indices("self.").map(|(at, word)| &body[at + word.len()..]);
        let calls = calls.filter(|call| call[first_word(call).len()..].starts_with('('));
        Some(Block { of, defines: defines.collect(), calls: calls.map(first_word).collect() })
    });
    blocks.collect()
}

fn after_generics(text: &str) -> &str {
    let mut depth = 1;
    let end = text.find(|c| {
        depth += i32::from(c == '<') - i32::from(c == '>');
        depth == 0
    });
    end.map_or(text, |at| &text[at + 1..])
}

/// Returns the groups of more than one that reach each other.
fn groups<'a>(edges: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Vec<Vec<&'a str>> {
    let reach = |from: &'a str| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(next) = open.pop().and_then(|at| edges.get(at)) {
            open.extend(next.iter().filter(|at| seen.insert(**at)));
        }
        seen
    };
    let reached: BTreeMap<&str, BTreeSet<&str>> = edges.keys().map(|from| (*from, reach(from))).collect();
    let mut groups: Vec<Vec<&str>> = Vec::new();
    for module in edges.keys() {
        if reached[module].contains(module) && !groups.iter().flatten().any(|known| known == module) {
            let back = |other: &&&str| reached[**other].contains(module);
            groups.push(reached[module].iter().filter(back).copied().collect());
        }
    }
    groups
}

/// Returns the paths of all `use` lines, and the names that they give on.
fn use_lines(code: &str) -> (Vec<Vec<String>>, BTreeMap<String, Vec<String>>) {
    let (mut uses, mut given_on) = (Vec::new(), BTreeMap::new());
    for item in code.split_inclusive(';') {
        let Some(at) = item.rfind("use ") else { continue };
        let before = item[..at].lines().next_back().unwrap_or_default().trim();
        if !before.is_empty() && !before.starts_with("pub") {
            continue;
        }
        let tree: String =
            item[at + 4..].trim_end_matches(';').split_whitespace().collect::<Vec<_>>().join(" ");
        for path in expand(&tree) {
            if before.starts_with("pub") {
                // A façade gives on what others define; it does not use it.
                given_on.extend(path.last().cloned().map(|name| (name, path)));
            } else {
                uses.push(path);
            }
        }
    }
    (uses, given_on)
}

/// Returns the paths of a `use` tree: `a::{b, c::{d, e}}` are three.
fn expand(tree: &str) -> Vec<Vec<String>> {
    let tree = tree.trim();
    let Some((head, rest)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default();
        return vec![
            path.split("::").map(|word| word.trim().to_owned()).filter(|word| word != "self").collect(),
        ];
    };
    let head: Vec<String> =
        head.split("::").map(str::trim).filter(|w| !w.is_empty()).map(str::to_owned).collect();
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for c in inner.chars() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        match c {
            ',' if depth == 0 => parts.push(String::new()),
            c => parts.last_mut().expect("never empty").push(c),
        }
    }
    let parts = parts.iter().filter(|part| !part.trim().is_empty());
    parts.flat_map(|part| expand(part)).map(|tail| [head.clone(), tail].concat()).collect()
}

/// Returns the paths that begin with `crate::` or `super::` outside of `use` lines.
fn paths_in(code: &str) -> Vec<Vec<String>> {
    let starts = ["crate::", "super::"].iter().flat_map(|start| code.match_indices(start));
    let alone = |at: &usize| !code[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
    let path = |at: usize| {
        let rest = &code[at..];
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(rest.len());
        rest[..end].split("::").filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let in_use = |at: &usize| {
        let line = code[..*at].rsplit('\n').next().unwrap_or_default();
        line.trim_start().starts_with("use ") || line.trim_start().starts_with("pub")
    };
    starts.map(|(at, _)| at).filter(alone).filter(|at| !in_use(at)).map(path).collect()
}

/// Takes modules for tests out. Returns what is left, and the names of those that lie in files of their own.
fn without_tests(code: &str) -> (String, Vec<String>) {
    let (mut kept, mut hidden) = (String::new(), Vec::new());
    let (mut for_tests, mut depth) = (false, 0);
    for line in code.lines() {
        let item = line.trim_start();
        let braces = line.matches('{').count() as i32 - line.matches('}').count() as i32;
        if depth > 0 {
            depth += braces;
        } else if item.starts_with("#[cfg(") && item.contains("test") {
            for_tests = true;
        } else if for_tests && !item.starts_with("#[") {
            for_tests = false;
            let module = item.strip_prefix("pub(crate) ").unwrap_or(item).strip_prefix("mod ");
            hidden.extend(module.and_then(|name| name.strip_suffix(';')).map(str::to_owned));
            depth = braces.max(0);
        } else {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    (format!("\n{kept}"), hidden)
}

/// Blanks comments and texts, so that only code is read as code.
fn plain_code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skip = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("r#\"") {
            rest.find("\"#").map_or(rest.len(), |end| end + 2)
        } else if c == '"' {
            text_len(rest)
        } else if c == '\'' {
            char_len(rest)
        } else {
            0
        };
        if skip == 0 {
            code.push(c);
            rest = &rest[c.len_utf8()..];
        } else {
            // Lines stay where they are.
            code.extend(rest[..skip].chars().filter(|c| *c == '\n'));
            rest = &rest[skip..];
        }
    }
    code
}

fn text_len(text: &str) -> usize {
    let mut escaped = true;
    let end = text.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = !escaped && c == '\\';
        ends
    });
    end.map_or(text.len(), |at| at + 1)
}

/// Returns the length of a character in quotes; 0 for a lifetime.
fn char_len(text: &str) -> usize {
    let inner = &text[1..];
    if inner.starts_with('\\') {
        return inner[2..].find('\'').map_or(0, |at| at + 4);
    }
    let len = inner.chars().next().map_or(0, char::len_utf8);
    if inner[len..].starts_with('\'') { len + 2 } else { 0 }
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

fn module_of(name: &str) -> String {
    let name = name.trim_end_matches(".rs").trim_end_matches("/mod").replace('/', "::");
    if name == "lib" { String::new() } else { name }
}

fn join(module: &str, child: &str) -> String {
    if module.is_empty() { child.to_owned() } else { format!("{module}::{child}") }
}

fn parent(module: &str) -> String {
    module.rsplit_once("::").map_or("", |(parent, _)| parent).to_owned()
}

fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    &text[..end]
}

#[test]
fn circles_are_found_through_names_impl_blocks_and_given_on_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let put = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it lies below")).expect("a folder");
        std::fs::write(path, text).expect("written");
    };
    let found = || circles(folder.path());
    put("lib.rs", "mod a;\nmod b;\nmod c;\n#[cfg(test)]\nmod t;\npub use b::{B, Other};\n");
    put(
        "a.rs",
        "use crate::{Other, B};\n// use crate::c;\nconst TEXT: &str = \"crate::c::C\";\npub struct A;\n",
    );
    put("b.rs", "pub struct B;\npub struct Other;\n#[cfg(test)]\nmod tests {\n    use crate::a::A;\n}\n");
    put("c.rs", "use crate::a::A;\nimpl A {\n    fn two(&self) {}\n}\n");
    put("t.rs", "use crate::c::C;\n");
    assert_eq!(found(), [] as [Vec<String>; 0], "neither comments, texts nor tests count");
    put("b.rs", "pub struct B;\npub struct Other;\nfn f(_: crate::c::C) {}\n");
    assert_eq!(found(), [["a.rs", "b.rs", "c.rs"]], "a path in code, and a name given on by the root");
    put("b.rs", "pub struct B;\npub struct Other;\n");
    put("a.rs", "pub struct A;\nimpl A {\n    fn one(&self) {\n        self.two();\n    }\n}\n");
    assert_eq!(found(), [["a.rs", "c.rs"]], "each impl block needs the other");
    put("c.rs", "mod d;\nuse d::D;\npub struct C;\n");
    put("c/d.rs", "pub struct D;\nfn f(_: super::C) {}\n");
    assert_eq!(found(), [["c.rs", "c/d.rs"]], "a module and its child");
}
