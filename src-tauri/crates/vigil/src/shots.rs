//! Pictures to look at, whatever they come from: files, folders, MP4 films.

use anyhow::Context;
use detect::Picture;
use sandbox::Decoders;
use std::collections::VecDeque;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use timelapse::Clip;

/// One picture.
pub(crate) struct Shot {
    /// Its file; of a film's picture with the time.
    pub(crate) name: String,
    /// Since the first one, by the film's own times or so many seconds from file to file.
    pub(crate) seconds: f64,
    /// What it shows, or why that cannot be told.
    pub(crate) picture: anyhow::Result<Picture>,
}

/// Pictures one after the other; only one is unpacked at a time.
pub(crate) struct Shots {
    left: VecDeque<PathBuf>,
    every: f64,
    decoders: Decoders,
    film: Option<(String, Clip)>,
    /// When the next file's picture was taken.
    next_at: f64,
    /// When the film under way began.
    begun_at: f64,
}

impl Shots {
    /// Goes through `paths` in their order, folders by the names of their pictures, `every` seconds from picture
    /// to picture. Films are looked at once in `every` seconds of their own time.
    pub(crate) fn new(paths: &[PathBuf], every: f64, decoders: Decoders) -> anyhow::Result<Self> {
        let left = pictures(paths)?.into();
        Ok(Self { left, every, decoders, film: None, next_at: 0.0, begun_at: 0.0 })
    }

    /// Returns whether there is nothing to look at.
    pub(crate) fn is_empty(&self) -> bool {
        self.left.is_empty() && self.film.is_none()
    }

    fn one(&mut self, name: String, seconds: f64, picture: anyhow::Result<Picture>) -> Shot {
        self.next_at = seconds + self.every;
        Shot { name, seconds, picture }
    }
}

impl Iterator for Shots {
    type Item = Shot;

    fn next(&mut self) -> Option<Shot> {
        loop {
            if let Some((name, clip)) = &mut self.film {
                let (name, next) = (name.clone(), clip.next());
                match next {
                    Some(Ok(p)) => {
                        let seconds = self.begun_at + p.seconds;
                        let picture = Picture { width: p.width, height: p.height, pixels: p.rgb };
                        return Some(self.one(format!("{name} {:.1} s", p.seconds), seconds, Ok(picture)));
                    }
                    Some(Err(error)) => {
                        let at = self.next_at;
                        let error = anyhow::anyhow!("{error}. {}", error.cure());
                        return Some(self.one(name, at, Err(error)));
                    }
                    None => self.film = None,
                }
            }
            let path = self.left.pop_front()?;
            let name = path.display().to_string();
            if !is_film(&path) {
                let picture = Picture::from_file(&path).context("it cannot be analysed");
                return Some(self.one(name, self.next_at, picture));
            }
            match Clip::open(&path, &self.decoders) {
                Ok(clip) => {
                    self.begun_at = self.next_at;
                    self.film = Some((name, clip.every(self.every)));
                }
                Err(error) => {
                    let error = anyhow::anyhow!("{error}. {}", error.cure());
                    return Some(self.one(name, self.next_at, Err(error)));
                }
            }
        }
    }
}

/// Returns the pictures named, those of folders by name.
fn pictures(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut pictures = Vec::new();
    for path in paths {
        if !path.is_dir() {
            pictures.push(path.clone());
            continue;
        }
        let entries =
            std::fs::read_dir(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let mut inside: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        inside.retain(|path| {
            let end = path.extension().and_then(|end| end.to_str()).unwrap_or_default().to_ascii_lowercase();
            ["jpg", "jpeg", "png"].contains(&end.as_str())
        });
        inside.sort();
        pictures.extend(inside);
    }
    Ok(pictures)
}

/// Returns whether a file is meant to be a film: by its first bytes, or by its name.
fn is_film(path: &Path) -> bool {
    let mut head = [0; 8];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    let named = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("mp4"));
    named || (read.is_ok() && &head[4..] == b"ftyp")
}

#[cfg(test)]
mod tests {
    use super::*;
    use timelapse::{FilmOptions, render};

    /// A folder with four pictures and a film of them at two a second.
    fn folder() -> (tempfile::TempDir, Vec<PathBuf>) {
        let dir = tempfile::tempdir().unwrap();
        let paths: Vec<PathBuf> = (0..8).map(|n| dir.path().join(format!("{n}.jpg"))).collect();
        for (n, path) in paths.iter().enumerate() {
            let pixels = vec![n as u8 * 30; 64 * 48 * 3];
            let rgb = camera::Rgb { width: 64, height: 48, pixels };
            std::fs::write(path, camera::encode_jpeg(&rgb, 90).unwrap()).unwrap();
        }
        let options = FilmOptions { fps: 2.0, ..FilmOptions::default() };
        render(&paths, dir.path(), &options, &mut |_| timelapse::Continue::Yes).unwrap();
        std::fs::remove_file(dir.path().join("poster.jpg")).unwrap();
        (dir, paths)
    }

    #[test]
    fn a_folder_goes_by_its_names_and_a_film_by_its_times() {
        let (dir, _) = folder();
        let times = |path: &Path, every: f64| -> Vec<f64> {
            let shots = Shots::new(&[path.to_path_buf()], every, Decoders::here()).unwrap();
            shots
                .map(|shot| {
                    assert_eq!(shot.picture.unwrap().width, 64);
                    shot.seconds
                })
                .collect()
        };
        assert_eq!(times(dir.path(), 10.0), (0..8).map(|n| f64::from(n) * 10.0).collect::<Vec<_>>());
        let film = dir.path().join("film.mp4");
        assert_eq!(times(&film, 1.0), [0.0, 1.0, 2.0, 3.0], "every other one of two a second");
        assert_eq!(times(&film, 0.1).len(), 8);
    }

    #[test]
    fn a_film_that_the_decoder_does_not_take_is_an_error_with_what_to_do() {
        let films = Path::new(env!("CARGO_MANIFEST_DIR")).join("../timelapse/tests/data");
        for (film, word) in [("10-bit.mp4", "10-bit"), ("422.mp4", "4:2:2"), ("interlaced.mp4", "interlaced")]
        {
            let shots: Vec<Shot> = Shots::new(&[films.join(film)], 1.0, Decoders::here()).unwrap().collect();
            let [shot] = shots.as_slice() else { panic!("{} shots of {film}", shots.len()) };
            let words = format!("{:#}", shot.picture.as_ref().unwrap_err());
            assert!(words.contains(word) && words.contains("HandBrake"), "{words}");
        }
    }

    #[test]
    fn a_torn_film_and_a_film_that_is_none_say_so_and_what_to_do() {
        let (dir, paths) = folder();
        let film = dir.path().join("film.mp4");
        let whole = std::fs::read(&film).unwrap();
        std::fs::write(&film, &whole[..whole.len() / 2]).unwrap();
        let text = dir.path().join("no.mp4");
        std::fs::write(&text, "hello").unwrap();
        for path in [&film, &text] {
            let shots: Vec<Shot> =
                Shots::new(std::slice::from_ref(path), 1.0, Decoders::here()).unwrap().collect();
            let error = shots.into_iter().find_map(|shot| shot.picture.err()).unwrap();
            let words = format!("{error:#}");
            assert!(words.contains("Copy the film") || words.contains("Choose an MP4"), "{words}");
        }
        let both = Shots::new(&[text, paths[0].clone()], 1.0, Decoders::here()).unwrap();
        let good = both.filter(|shot| shot.picture.is_ok()).count();
        assert_eq!(good, 1, "the next file is looked at all the same");
    }
}
