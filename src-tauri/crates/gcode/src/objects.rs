//! Where each object of a print lies, and whether it can be left out.

use crate::labels::{Labels, MOST_OBJECTS};
use crate::reader::Step;
use parser::ObjectHandling;

/// An object of the print.
#[derive(Debug, Clone, PartialEq)]
pub struct PrintedObject {
    /// As the slicer names it; at most 60 characters, none of them a control character.
    pub name: String,
    /// Least and most X and Y of what is laid down of it, mm.
    pub min_mm: [f64; 2],
    /// The same, most.
    pub max_mm: [f64; 2],
}

/// The objects of a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Objects {
    /// Those of which something is laid down hold a place; the others have none and are never printed.
    pub all: Vec<PrintedObject>,
    /// Why none of them can be left out of the print, for people; `None` when each can.
    pub unfit: Option<String>,
}

/// Finds where objects lie, and whether each can be left out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Finder {
    boxes: Vec<([f64; 2], [f64; 2])>,
    unfit: Option<String>,
    begun: bool,
}

impl Finder {
    /// Takes in a command as it goes by.
    pub(crate) fn take(&mut self, step: &Step<'_>) {
        self.begun |= step.object.is_some();
        if !self.begun {
            return;
        }
        if step.command.code() == ('G', 92) && step.command.has_axis() {
            self.unfit(step, "moves the origin");
        }
        let Some(object) = step.object else { return };
        if step.command.object_handling() == ObjectHandling::Unfit {
            let text = String::from_utf8_lossy(step.command.bytes());
            let text: String = text.chars().filter(|c| !c.is_control()).take(30).collect();
            self.unfit(step, &format!("has \"{text}\" within an object"));
        }
        if step.state.inches || step.state.volumetric_mm2.is_some() {
            self.unfit(step, "counts in inches or in volumes");
        }
        if let Some(moved) = step.moved.filter(|moved| moved.is_extruding()) {
            let nothing = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
            let idx = object as usize;
            if self.boxes.len() <= idx {
                self.boxes.resize(idx + 1, nothing);
            }
            let (min, max) = &mut self.boxes[idx];
            for axis in 0..2 {
                min[axis] = min[axis].min(moved.from[axis]).min(moved.to[axis]);
                max[axis] = max[axis].max(moved.from[axis]).max(moved.to[axis]);
            }
        }
    }

    fn unfit(&mut self, step: &Step<'_>, what: &str) {
        self.unfit.get_or_insert_with(|| {
            format!("line {} of the file {what}, so leaving an object out would not be safe", step.line)
        });
    }

    /// Returns what was found.
    pub(crate) fn finish(self, labels: &Labels) -> Objects {
        let unfit = if labels.too_many {
            Some(format!("the file has more than {MOST_OBJECTS} objects"))
        } else {
            self.unfit
        };
        let nowhere = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        let object = |(idx, name): (usize, &String)| {
            let (min_mm, max_mm) = self.boxes.get(idx).copied().unwrap_or(nowhere);
            PrintedObject { name: name.clone(), min_mm, max_mm }
        };
        Objects { all: labels.names.iter().enumerate().map(object).collect(), unfit }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Commands, Survey};

    fn objects(file: &str) -> super::Objects {
        Survey::new(file.as_bytes()).advance(usize::MAX).unwrap().expect("it ends").objects
    }

    fn of_lines(file: &str) -> Vec<Option<u32>> {
        Commands::new(file.as_bytes()).map(|c| c.unwrap()).filter(|c| c.extruding).map(|c| c.object).collect()
    }

    #[test]
    fn each_slicer_labels_its_objects_in_its_own_way() {
        let prusa = "G90\nM82\n; printing object Cube id:0 copy 0\nG1 X1 Y1 E1\nG1 X2 Y2 E2\n; stop printing object Cube id:0 \
                     copy 0\nG1 X9 Y9 E3\n; printing object Cube id:0 copy 1\nG1 X20 Y5 E4\n";
        assert_eq!(of_lines(prusa), [Some(0), Some(0), None, Some(1)]);
        let found = objects(prusa);
        assert_eq!((found.unfit, found.all.len()), (None, 2));
        assert_eq!(found.all[1].name, "Cube id:0 copy 1");
        assert_eq!((found.all[1].min_mm, found.all[1].max_mm), ([9.0, 5.0], [20.0, 9.0]));
        let klipper = "EXCLUDE_OBJECT_DEFINE NAME=a CENTER=1,1\nEXCLUDE_OBJECT_START NAME=a\nG1 X1 E1\n\
                       EXCLUDE_OBJECT_END NAME=a\nG1 X2 E2\nEXCLUDE_OBJECT_START NAME=b\nG1 X3 E3\n";
        assert_eq!(of_lines(klipper), [Some(0), None, Some(1)]);
        let marlin = "M486 T2\nM486 S0\nM486 AFirst thing\nM486 S-1\nM486 S1\nG1 X1 E1\nM486 S0\nG1 X2 E2\nM486 S-1\nG1 X3 \
                      E3\n";
        assert_eq!(of_lines(marlin), [Some(1), Some(0), None]);
        let names: Vec<String> = objects(marlin).all.into_iter().map(|o| o.name).collect();
        assert_eq!(names, ["First thing", "Object 1"]);
        let cura = ";LAYER:0\n;MESH:NONMESH\nG1 X1 E1\n;MESH:cube.stl\nG1 X2 E2\n;MESH:cube.stl(1)\nG1 X3 E3\n;MESH:NONMESH\nG1 X4 E4\n";
        assert_eq!(of_lines(cura), [None, Some(0), Some(1), None]);
    }

    #[test]
    fn two_kinds_of_labels_are_one_object_each() {
        let both = "; printing object a id:0 copy 0\nM486 S0\nG1 X1 E1\nM486 S-1\nG1 X2 E2\n; stop printing object a id:0 copy \
                    0\nG1 X3 E3\n";
        assert_eq!(of_lines(both), [Some(0), Some(0), None]);
        assert_eq!(objects(both).all.len(), 1);
    }

    #[test]
    fn what_cannot_be_left_out_safely_is_said() {
        let tools = "M486 S0\nG1 X1 E1\nT1\nG1 X2 E2\nM486 S-1\n";
        assert!(objects(tools).unfit.is_some_and(|why| why.contains("line 3") && why.contains("T1")));
        let inches = "G20\nM486 S0\nG1 X1 E1\n";
        assert!(objects(inches).unfit.is_some_and(|why| why.contains("inches")));
        let origin = "M486 S0\nG1 X1 E1\nM486 S-1\nG92 Z5\n";
        assert!(objects(origin).unfit.is_some_and(|why| why.contains("origin")));
        let many: String = (0..300).map(|n| format!("M486 S{n}\nG1 X{n} E{n}\n")).collect();
        assert!(objects(&many).unfit.is_some_and(|why| why.contains("more than")));
        let hostile = "; printing object \u{1b}[2J<script>\u{202e}\nG1 X1 E1\n; printing object \nG1 X2 E2\n";
        assert!(objects(hostile).all.iter().all(|o| o.name.chars().all(|c| !c.is_control())));
        assert_eq!(objects("G1 X1 E1\n"), super::Objects::default());
    }
}
