//! One print to take along: a ZIP with its record, figures, films and pictures, or one web page that holds it all.

use super::archive::packing;
use super::archive_form::ArchiveError;
use crate::media::{print_folder, slashed};
use crate::past::csv;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::{Print, PrintId};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;
use store::{Connection, StoreError};
use zip::ZipWriter;

/// Pictures on the page at most.
const MOST_PICTURES: usize = 40;
/// Width and height of the curve on the page.
const CURVE: (f64, f64) = (800.0, 120.0);

/// Writes a print to `out`: a page when it ends in `.html`, a ZIP when it ends in `.zip`, else a new folder. Returns
/// whether there is such a print.
///
/// # Errors
/// When something cannot be read or written, or `out` exists.
pub fn export_print(data_dir: &Path, id: PrintId, out: &Path) -> Result<bool, ArchiveError> {
    let conn = store::read_only(data_dir)?;
    let Some(print) = store::print::get(&conn, id)? else { return Ok(false) };
    let file = |source| ArchiveError::File { path: out.display().to_string(), source };
    if out.exists() {
        return Err(ArchiveError::Exists(out.display().to_string()));
    }
    match out.extension().and_then(|end| end.to_str()) {
        Some("html") => {
            let page = print_html(&conn, data_dir, &print)?;
            fs::write(out, page).map_err(file)?;
        }
        Some("zip") => {
            let zip = io::BufWriter::new(File::create(out).map_err(file)?);
            print_zip(&conn, data_dir, &print, zip)?;
        }
        Some(_) | None => print_folder_out(&conn, data_dir, &print, out)?,
    }
    Ok(true)
}

/// Writes all that is kept of a print as a ZIP.
///
/// # Errors
/// When something cannot be read or written.
pub fn print_zip(
    conn: &Connection,
    data_dir: &Path,
    print: &Print,
    out: impl Write,
) -> Result<(), ArchiveError> {
    let mut zip = ZipWriter::new_stream(out);
    let broken = |e: zip::result::ZipError| ArchiveError::Broken(e.to_string());
    each_file(conn, data_dir, print, &mut |name, content| {
        zip.start_file(name, packing(name)).map_err(broken)?;
        io::copy(content, &mut zip).map(|_| ()).map_err(|e| broken(e.into()))
    })?;
    zip.finish().map_err(broken)?;
    Ok(())
}

/// Writes all that is kept of a print into a new folder.
///
/// # Errors
/// When something cannot be read or written.
fn print_folder_out(
    conn: &Connection,
    data_dir: &Path,
    print: &Print,
    out: &Path,
) -> Result<(), ArchiveError> {
    each_file(conn, data_dir, print, &mut |name, content| {
        let path = out.join(name);
        let written = fs::create_dir_all(path.parent().unwrap_or(out))
            .and_then(|()| io::copy(content, &mut File::create(&path)?));
        written.map(|_| ()).map_err(|source| ArchiveError::File { path: path.display().to_string(), source })
    })
}

/// Takes a file of an export: its name and content.
type EachFile<'a> = dyn FnMut(&str, &mut dyn Read) -> Result<(), ArchiveError> + 'a;

/// Hands over each file of an export, by its name and content.
fn each_file(
    conn: &Connection,
    data_dir: &Path,
    print: &Print,
    each: &mut EachFile<'_>,
) -> Result<(), ArchiveError> {
    each("print.json", &mut pretty(print)?.as_bytes())?;
    each("events.json", &mut pretty(&events(conn, print.id)?)?.as_bytes())?;
    each("decisions.json", &mut pretty(&store::watch::decisions(conn, print.id)?)?.as_bytes())?;
    each("answers.json", &mut pretty(&store::answer::of_print(conn, print.id)?)?.as_bytes())?;
    each("looks.csv", &mut looks_csv(conn, print)?.as_bytes())?;
    each("temperatures.csv", &mut temperatures_csv(conn, print)?.as_bytes())?;
    each("print.html", &mut print_html(conn, data_dir, print)?.as_bytes())?;
    let root = data_dir.join(print_folder(print.id));
    let mut todo = vec![root.clone()];
    while let Some(folder) = todo.pop() {
        for path in fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                todo.push(path);
                continue;
            }
            if path.extension().is_some_and(|end| end == "part") {
                // Being made just now.
                continue;
            }
            // One that goes meanwhile was dropped: nothing is missing. A film may be larger than the memory.
            if let (Ok(name), Ok(mut content)) = (path.strip_prefix(&root), File::open(&path)) {
                each(&slashed(name), &mut content)?;
            }
        }
    }
    Ok(())
}

/// Returns one web page with what is known of a print; it needs nothing beside it and runs no script.
///
/// # Errors
/// When the database cannot be read.
pub fn print_html(conn: &Connection, data_dir: &Path, print: &Print) -> Result<String, StoreError> {
    let mut page = String::new();
    let name = escaped(&print.filename);
    let _ = write!(
        page,
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{name}</title>\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\
         <style>body{{font:16px system-ui,sans-serif;max-width:860px;margin:2em auto;padding:0 1em;color:#222}}\
         td,th{{text-align:left;padding:.15em 1.5em .15em 0;vertical-align:top}}img{{width:100%}}\
         figure{{display:inline-block;width:31%;margin:0 1% 1em 0}}figcaption{{font-size:13px;color:#555}}</style>\
         <h1>{name}</h1><table>"
    );
    let mut row = |what: &str, value: Option<String>| {
        if let Some(value) = value {
            let _ = write!(page, "<tr><th>{what}<td>{}", escaped(&value));
        }
    };
    // Of a film that was added, only that is known; its start is counted back.
    let begun = print.uploaded_at.map_or(("Started", print.started_at), |at| ("Added", at));
    row(begun.0, Some(begun.1.to_string()));
    row("Ended", print.ended_at().map(|at| at.to_string()));
    row("How", print.ended_by.map(|by| format!("{by:?}").to_lowercase()));
    row("Why", print.ended_why.clone());
    row("Took", print.print_time.map(|secs| format!("{:.0} min", secs / 60.0)));
    row("Filament", print.filament_used.map(|mm| format!("{:.2} m", mm / 1000.0)));
    row("Alert", print.alerted_at.map(|at| at.to_string()));
    row("Paused by the watch", print.paused_at.map(|at| at.to_string()));
    row("Your word", print.alert_overwrite.map(|said| format!("{said:?}")));
    let extra = store::print_extra::of(conn, &[print.id])?.remove(&print.id).unwrap_or_default();
    row("Watched", extra.watched.map(|share| format!("{:.1} %", share * 100.0)));
    row("Tags", (!extra.tags.is_empty()).then(|| extra.tags.join(", ")));
    row("Notes", (!extra.notes.is_empty()).then_some(extra.notes));
    page += "</table>";
    curve(&mut page, conn, print)?;
    page += "<h2>What happened</h2><table>";
    for event in events(conn, print.id)?.iter().rev() {
        let (title, text) = (escaped(&event.event_title), escaped(&event.event_text));
        let _ = write!(page, "<tr><th>{}<td>{title}<td>{text}", event.created_at);
    }
    page += "</table><h2>Pictures</h2>";
    pictures(&mut page, conn, data_dir, print)?;
    page += "<p>Made by Printvigil.</p></html>";
    Ok(page)
}

fn curve(page: &mut String, conn: &Connection, print: &Print) -> Result<(), StoreError> {
    let looks = store::look::of_print(conn, print.id)?;
    let Some(last) = looks.last() else { return Ok(()) };
    let whole = last.taken_at.secs_since(print.started_at).max(1.0);
    let points: Vec<String> = looks
        .iter()
        .step_by(looks.len().div_ceil(1000))
        .map(|look| {
            let x = look.taken_at.secs_since(print.started_at) / whole * CURVE.0;
            format!("{x:.1},{:.1}", (1.0 - look.state.normalized_p) * CURVE.1)
        })
        .collect();
    let (w, h) = CURVE;
    let _ = write!(
        page,
        "<h2>How near to an alarm</h2><svg viewBox=\"0 0 {w} {h}\" width=\"100%\">\
         <rect width=\"{w}\" height=\"{third}\" fill=\"#fbe0dd\"/><rect y=\"{third}\" width=\"{w}\" height=\"{third}\" \
         fill=\"#fbeed0\"/><rect y=\"{two}\" width=\"{w}\" height=\"{third}\" fill=\"#e0f2e8\"/>\
         <polyline fill=\"none\" stroke=\"#222\" points=\"{}\"/></svg>",
        points.join(" "),
        third = h / 3.0,
        two = h / 1.5,
    );
    Ok(())
}

fn pictures(page: &mut String, conn: &Connection, data_dir: &Path, print: &Print) -> Result<(), StoreError> {
    let frames = store::frame::of_print(conn, print.id, &[])?;
    let (telling, plain): (Vec<_>, Vec<_>) = frames.iter().partition(|frame| frame.why != "film");
    let spread = |some: &[&domain::FrameRow], most: usize| -> Vec<domain::FrameRow> {
        let step = some.len().div_ceil(most.max(1)).max(1);
        some.iter().step_by(step).map(|frame| (*frame).clone()).collect()
    };
    let mut shown = spread(&telling, MOST_PICTURES / 2);
    shown.extend(spread(&plain, MOST_PICTURES - shown.len()));
    shown.sort_by_key(|frame| frame.taken_at.micros());
    for frame in shown {
        let Ok(jpeg) = fs::read(data_dir.join(&frame.path)) else { continue };
        let layer =
            frame.layer_idx.map(|layer| format!(", layer {}", layer.saturating_add(1))).unwrap_or_default();
        let _ = write!(
            page,
            "<figure><img alt=\"\" src=\"data:image/jpeg;base64,{}\"><figcaption>{}{layer}</figcaption></figure>",
            STANDARD.encode(jpeg),
            frame.taken_at,
        );
    }
    Ok(())
}

fn events(conn: &Connection, print: PrintId) -> Result<Vec<domain::PrinterEvent>, StoreError> {
    let query = store::event::EventQuery { limit: 1000, print: Some(print), ..Default::default() };
    store::event::list(conn, &query)
}

fn looks_csv(conn: &Connection, print: &Print) -> Result<String, StoreError> {
    let mut text = String::from("seconds,frame,p,probability,gauge,line,layer\n");
    for look in store::look::of_print(conn, print.id)? {
        let number = |value: Option<u64>| value.map(|n| n.to_string()).unwrap_or_default();
        let _ = writeln!(
            text,
            "{:.1},{},{:.4},{:.4},{:.4},{},{}",
            look.taken_at.secs_since(print.started_at),
            look.frame,
            look.p,
            look.probability,
            look.state.normalized_p,
            number(look.line),
            number(look.layer_idx.map(u64::from)),
        );
    }
    Ok(text)
}

fn temperatures_csv(conn: &Connection, print: &Print) -> Result<String, StoreError> {
    let mut text = String::from("seconds,heater,actual,target\n");
    for row in store::temperature::of_print(conn, print.id)? {
        for (heater, (actual, target)) in row.heaters {
            let target = target.map(|t| t.to_string()).unwrap_or_default();
            let _ = writeln!(
                text,
                "{:.1},{},{actual:.1},{target}",
                row.at.secs_since(print.started_at),
                csv(&heater)
            );
        }
    }
    Ok(text)
}

fn pretty<T: serde::Serialize>(value: &T) -> Result<String, ArchiveError> {
    serde_json::to_string_pretty(value).map_err(|e| ArchiveError::Broken(e.to_string()))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_holds_no_marks_of_a_name() {
        assert_eq!(escaped("<b>&\""), "&lt;b&gt;&amp;&quot;");
    }
}
