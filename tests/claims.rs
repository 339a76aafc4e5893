//! What `features.md` says of the app is shown by tests that exist.

use std::path::{Path, PathBuf};

const TABLE: &str = include_str!("features.md");
/// What stands in the place of tests where there is nothing to test.
const NOT_THERE: &str = "not there";
/// So many rows have what a person is promised: none is dropped because it looks bad.
const ROWS: usize = 119;

struct Row<'a> {
    cells: Vec<&'a str>,
    line: &'a str,
}

impl<'a> Row<'a> {
    /// The tests that the last cell names: file, and name of the test.
    fn tests(&self) -> Vec<(&'a str, &'a str)> {
        let shown = self.cells.last().copied().unwrap_or_default();
        shown.split('`').skip(1).step_by(2).filter_map(|test| test.split_once("::")).collect()
    }
}

/// All rows but the heads of tables.
fn rows() -> Vec<Row<'static>> {
    let body = |(before, line): (&'static str, &'static str)| {
        let row = line.strip_prefix("| ")?.strip_suffix(" |")?;
        let head = before.is_empty();
        (!head).then(|| Row { cells: row.split(" | ").collect(), line })
    };
    TABLE.lines().zip(TABLE.lines().skip(1)).filter_map(body).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns whether a file has a test of this name.
fn has(file: &str, name: &str) -> bool {
    let Ok(text) = std::fs::read_to_string(root().join(file)) else { return false };
    if !file.ends_with(".rs") {
        return ["'", "\"", "`"].iter().any(|quote| text.contains(&format!("test({quote}{name}")));
    }
    // The function, with the mark of a test before it and no other function between.
    let Some((before, _)) = text.split_once(&format!("fn {name}(")) else { return false };
    let marks = before.rsplit_once("fn ").map_or(before, |(_, near)| near);
    marks.contains("#[test]") || marks.contains("#[tokio::test")
}

#[test]
fn each_row_names_a_test_that_exists_or_says_that_it_is_not_there() {
    let rows = rows();
    assert_eq!(rows.len(), ROWS, "a row was added or lost: say so here");
    let mut wrong = Vec::new();
    for row in &rows {
        let tests = row.tests();
        let says_no = row.cells.last() == Some(&NOT_THERE);
        if tests.is_empty() != says_no || row.cells.len() < 3 {
            wrong.push(format!("neither a test nor \"{NOT_THERE}\": {}", row.line));
        }
        let gone = tests.into_iter().filter(|(file, name)| !has(file, name));
        wrong.extend(gone.map(|(file, name)| format!("{file} has no test {name}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_test_that_is_gone_or_is_none_is_missed() {
    assert!(has("tests/claims.rs", "a_test_that_is_gone_or_is_none_is_missed"));
    assert!(!has("tests/claims.rs", "rows"), "a function is no test");
    assert!(!has("tests/claims.rs", "a_test_that_was_never_written"));
    assert!(!has("tests/nowhere.rs", "rows"));
    assert!(has("ui/src/rules.test.ts", "colours have names"));
    assert!(!has("ui/src/rules.test.ts", "colours have no names"));
}
