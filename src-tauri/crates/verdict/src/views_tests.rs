//! The choice of views, look by look.

use super::*;

const SIDE: usize = 28;

/// A cold map with one hot square of `side` cells that begins at a column and row.
fn map(spot: Option<(usize, usize, usize)>) -> Vec<f32> {
    let mut cells = vec![0.0; SIDE * SIDE];
    if let Some((column, row, side)) = spot {
        for at in 0..side * side {
            cells[(row + at / side) * SIDE + column + at % side] = 0.6;
        }
    }
    cells
}

fn glance(view: View, heat: &[f32]) -> Glance<'_> {
    Glance { view, heat, columns: SIDE as u16 }
}

fn holds(view: View, (x, y): (f32, f32)) -> bool {
    let View::Closer(place) = view else { return false };
    (place.x..=place.x + place.w).contains(&x) && (place.y..=place.y + place.h).contains(&y)
}

/// What a camera shows: heat of a spot in the picture, as the whole picture and as closer views have it.
struct Scene {
    /// Middle of the spot.
    spot: (f32, f32),
    whole: f32,
    closer: f32,
}

impl Scene {
    /// Goes on for `looks` looks; returns the views.
    fn looks(&self, chooser: &mut ViewChooser, first: View, looks: usize) -> Vec<View> {
        let mut views = vec![first];
        for _ in 0..looks {
            let view = views[views.len() - 1];
            let (place, heat) = match view {
                View::Whole => (view.place(), self.whole),
                View::Closer(place) => (place, self.closer),
            };
            let mut cells = map(None);
            let (x, y) = ((self.spot.0 - place.x) / place.w, (self.spot.1 - place.y) / place.h);
            if (0.0..1.0).contains(&x) && (0.0..1.0).contains(&y) {
                let cell = |v: f32| (v * SIDE as f32) as usize;
                for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                    cells[(cell(y) + dy).min(SIDE - 1) * SIDE + (cell(x) + dx).min(SIDE - 1)] = heat;
                }
            }
            views.push(chooser.look(glance(view, &cells)));
        }
        views
    }
}

fn closer(views: &[View]) -> Vec<Place> {
    views.iter().filter(|view| **view != View::Whole).map(|view| view.place()).collect()
}

#[test]
fn the_whole_picture_and_a_closer_view_take_turns() {
    let calm = Scene { spot: (0.5, 0.5), whole: 0.0, closer: 0.0 };
    let views = calm.looks(&mut ViewChooser::default(), View::Whole, 100);
    assert!(views.iter().step_by(2).all(|view| *view == View::Whole));
    assert!(views.iter().skip(1).step_by(2).all(|view| *view != View::Whole));
}

#[test]
fn closer_views_of_a_calm_picture_cover_all_of_it_again_and_again() {
    let calm = Scene { spot: (0.5, 0.5), whole: 0.0, closer: 0.0 };
    let views = calm.looks(&mut ViewChooser::default(), View::Whole, 60);
    for round in closer(&views).chunks_exact(10) {
        for at in 0..100 {
            let (x, y) = ((at % 10) as f32 / 10.0 + 0.05, (at / 10) as f32 / 10.0 + 0.05);
            assert!(round.iter().any(|place| holds(View::Closer(*place), (x, y))), "{x} {y}: {round:?}");
        }
    }
}

#[test]
fn suspicion_in_the_whole_picture_is_looked_at_closer_three_times_of_four() {
    let spot = (0.8, 0.2);
    let scene = Scene { spot, whole: 0.4, closer: 0.0 };
    let views = scene.looks(&mut ViewChooser::default(), View::Whole, 80);
    let closer = closer(&views);
    let there = |place: &&Place| {
        let middle = (place.x + place.w / 2.0, place.y + place.h / 2.0);
        (middle.0 - 0.75).abs() < 0.05 && (middle.1 - 0.25).abs() < 0.05
    };
    let at = closer.iter().filter(there).count();
    assert!(at * 4 >= closer.len() * 3 - 8 && at < closer.len(), "{at} of {}", closer.len());
}

#[test]
fn what_only_a_closer_view_sees_is_looked_at_again_at_once_and_then_followed() {
    let spot = (0.13, 0.9);
    let scene = Scene { spot, whole: 0.0, closer: 0.7 };
    let views = scene.looks(&mut ViewChooser::default(), View::Whole, 60);
    let found = views.iter().position(|view| holds(*view, spot)).unwrap();
    assert!(found < 20, "every part has had its turn: {found}");
    assert!(holds(views[found + 1], spot), "at once");
    assert_eq!(views[found + 2], View::Whole, "but the whole picture is not forgotten");
    let after = closer(&views[found + 2..]);
    let there = after.iter().filter(|place| holds(View::Closer(**place), spot)).count();
    assert!(there * 4 >= after.len() * 3, "{there} of {}", after.len());
}

#[test]
fn there_are_never_three_closer_looks_in_a_row() {
    let scene = Scene { spot: (0.5, 0.5), whole: 0.9, closer: 0.9 };
    let views = scene.looks(&mut ViewChooser::default(), View::Whole, 200);
    assert!(views.windows(3).all(|three| three.contains(&View::Whole)));
    let wholes = views.iter().filter(|view| **view == View::Whole).count();
    assert!(wholes * 3 >= views.len() - 2, "a third at least: {wholes} of {}", views.len());
}

#[test]
fn a_closer_view_lies_inside_the_picture_on_half_cells_of_its_grid() {
    for column in 0..SIDE - 1 {
        let cells = map(Some((column, 26 - column, 2)));
        let view = ViewChooser::default().look(glance(View::Whole, &cells));
        let place = view.place();
        assert!(place.x >= 0.0 && place.x + place.w <= 1.0 && place.y >= 0.0 && place.y + place.h <= 1.0);
        assert_eq!((place.w, place.h), (CLOSER_SHARE, CLOSER_SHARE));
        let half_cells = place.x * SIDE as f32 * 2.0;
        assert!((half_cells - half_cells.round()).abs() < 1e-3, "{half_cells}");
        let spot = ((column as f32 + 1.0) / SIDE as f32, (27.0 - column as f32) / SIDE as f32);
        assert!(holds(view, spot), "{spot:?} {place:?}");
    }
}

/// Pictures of a print: `n` since it began; plastic is laid at the lower right, and the head passes everywhere.
fn small(n: usize, laid: bool, light: u8) -> Vec<u8> {
    let mut cells = vec![100 + light; SCENE_COLUMNS * SCENE_ROWS];
    if laid {
        for row in 16..20 {
            cells[row * SCENE_COLUMNS + 22..row * SCENE_COLUMNS + 28].fill(150 + light);
        }
    }
    for row in 0..SCENE_ROWS / 2 {
        cells[row * SCENE_COLUMNS + n * 7 % SCENE_COLUMNS] = 10;
    }
    cells
}

/// How many of the closer views of 200 looks were of the lower right quarter at its middle.
fn looks_at_the_laid(laid: bool, light: u8) -> (usize, usize) {
    let mut chooser = ViewChooser::default();
    let cold = map(None);
    let (mut view, mut there, mut all) = (View::Whole, 0, 0);
    for n in 0..300 {
        let late = n > 100;
        let picture = small(n, laid && late, if late { light } else { 0 });
        chooser.picture(&picture);
        view = chooser.look(glance(view, &cold));
        if late && view != View::Whole {
            all += 1;
            there += usize::from(holds(view, (0.78, 0.75)) && view.place().x >= 0.25);
        }
    }
    (there, all)
}

#[test]
fn where_plastic_was_laid_is_looked_at_more_often_and_a_light_is_no_plastic() {
    let (usual, all) = looks_at_the_laid(false, 0);
    let (laid, _) = looks_at_the_laid(true, 0);
    assert!(laid * 2 > usual * 3 && laid < all, "{laid} against {usual} of {all}");
    let (lit, _) = looks_at_the_laid(false, 60);
    assert!(lit.abs_diff(usual) <= all / 10, "a light changes nothing: {lit} against {usual}");
}

#[test]
fn a_model_without_a_map_and_one_that_sees_no_parts_are_no_trouble() {
    let mut chooser = ViewChooser::default();
    for _ in 0..20 {
        let next = chooser.look(Glance { view: View::Whole, heat: &[], columns: 0 });
        assert!(next != View::Whole, "it is asked for; whoever cannot looks at the whole again");
    }
    let odd = Place { x: 0.9, y: 0.9, w: 0.3, h: 0.3 };
    chooser.picture(&[1, 2, 3]);
    chooser.look(Glance { view: View::Whole, heat: &[0.0; 2], columns: 11 });
    chooser.look(Glance { view: View::Closer(odd), heat: &[1.0; 7], columns: 3 });
    chooser.look(Glance { view: View::Whole, heat: &[f32::NAN; 4], columns: 2 });
}
