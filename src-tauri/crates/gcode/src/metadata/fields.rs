//! Which key means what.

use super::said::Said;
use super::slicer::slicer;
use super::values::{first, grams, grams_behind, length_mm, list, number, outline, secs, word};
use super::{Bed, Metadata};

/// What CuraEngine writes when nobody told it the time.
const CURAS_PLACEHOLDER_SECS: f64 = 6666.0;

/// Makes metadata of what a file says.
pub(super) fn metadata(said: &Said) -> Metadata {
    let slicer = slicer(said);
    let name = slicer.as_ref().map(|s| s.name.as_str()).unwrap_or_default();
    let small = |keys: &[&str]| said.read_first(keys, first);
    Metadata {
        time_secs: time(said),
        filament_mm: filament_mm(said, name),
        filament_g: filament_g(said),
        layers: said
            .read_first(&["layer_count", "layer count", "total layer number"], first)
            .filter(|n| *n < 1e7)
            .map(|n| n as u32),
        layer_height_mm: small(&[
            "layer_height",
            "layer height",
            "layerheight",
            "sliceheight",
            "layer_thickness_mm",
        ])
        .or_else(|| first(said.first(&["basic settings"])?.strip_prefix("Layer height:")?))
        .filter(|mm| *mm <= 5.0),
        nozzle_mm: small(&[
            "nozzle_diameter",
            "extruderdiameter",
            "nozzle_diameter_mm_0",
            "machine_nozzle_size",
            "extruder_train.0.nozzle.diameter",
        ])
        .or_else(|| Some(small(&["extruderparams[0] nozzle diameter"])? / 1000.0))
        .or_else(|| dimension(said)?.get(3).copied())
        .filter(|mm| (0.05..=5.0).contains(mm)),
        material: said.read_first(
            &[
                "filament_type",
                "filamenttype",
                "filament type #1",
                "filament.1.type",
                "printmaterial",
                "filament type",
                "material type",
            ],
            word,
        ),
        hotend_c: hotend(said),
        bed_c: bed_target(said),
        printer: printer(said),
        flavor: said.read_first(&["gcode_flavor", "flavor", "firmwaretypeoverride"], word),
        bed: bed(said),
        densities: densities(said),
        diameters: said
            .first(&["filament_diameter", "filamentdiameters", "filament diameter #1"])
            .map(list)
            // `1,75` is no list of two.
            .filter(|all| all.iter().all(|mm| *mm == 0.0 || (1.0..=4.0).contains(mm)))
            .unwrap_or_default(),
        // A container has its own end, and its words stand beside the G-code.
        ends: if said.in_container { None } else { ends(said, name) },
        slicer,
    }
}

fn time(said: &Said) -> Option<f64> {
    let told = said.read_first(
        &["estimated printing time (normal mode)", "estimated printing time", "total estimated time"],
        secs,
    );
    let of_cura = || said.read_first(&["time"], secs).filter(|secs| *secs != CURAS_PLACEHOLDER_SECS);
    told.or_else(of_cura).or_else(|| {
        said.read_first(
            &[
                "estimated_time(s)",
                "build time",
                "print time",
                "estimated build time",
                "estimated_print_time_s",
                "--- print time",
                "prediction",
                "print.time",
            ],
            secs,
        )
    })
}

fn filament_mm(said: &Said, slicer: &str) -> Option<f64> {
    let sum = |all: f64| (all > 0.0).then_some(all);
    if slicer == "Slic3r" {
        // A line for each extruder.
        return sum(said.all("filament used").filter_map(length_mm).sum());
    }
    let keys = [
        "filament used [mm]",
        "total filament length [mm]",
        "filament used",
        "filament length",
        "filamentused",
        "filament_used_mm",
        "--- filament used",
    ];
    let by_tool = || {
        sum(said.matching("material#", " used").chain(said.matching("ext #", "")).filter_map(length_mm).sum())
    };
    let metres =
        || sum(said.matching("filament.", ".used_m").filter_map(|m| Some(number(m)?.0 * 1000.0)).sum());
    said.read_first(&keys, length_mm).or_else(by_tool).or_else(metres)
}

fn filament_g(said: &Said) -> Option<f64> {
    let keys = [
        "filament used [g]",
        "total filament used [g]",
        "total filament weight [g]",
        "plastic weight",
        "filament_used_g",
        "weight",
    ];
    said.read_first(&keys, grams).or_else(|| said.read_first(&["filament used"], grams_behind))
}

fn hotend(said: &Said) -> Option<f64> {
    let keys = [
        "first_layer_temperature",
        "nozzle_temperature_initial_layer",
        "temperature",
        "nozzle_temperature",
        "nozzle_temperature(°c)",
        "extruder0temperature",
        "extruder_train.0.initial_temperature",
        "material_print_temperature_layer_0",
        "material_print_temperature",
        "default_material_print_temperature",
    ];
    said.read_first(&keys, first).or_else(|| setpoint(said, false)).filter(|c| *c <= 600.0)
}

fn bed_target(said: &Said) -> Option<f64> {
    // The plate in use decides, where a printer has several.
    let plate = match said.first(&["curr_bed_type"]).unwrap_or_default() {
        "Cool Plate" | "PLA Plate" => Some("cool_plate_temp"),
        "Engineering Plate" => Some("eng_plate_temp"),
        "High Temp Plate" => Some("hot_plate_temp"),
        "Textured PEI Plate" => Some("textured_plate_temp"),
        "Supertack Plate" => Some("supertack_plate_temp"),
        _ => None,
    };
    let of_plate =
        plate.and_then(|plate| said.read_first(&[&format!("{plate}_initial_layer"), plate], first));
    let keys = [
        "first_layer_bed_temperature",
        "bed_temperature",
        "bedtemperature",
        "build_plate_temperature(°c)",
        "build_plate.initial_temperature",
        "hot_plate_temp_initial_layer",
        "material_bed_temperature_layer_0",
        "material_bed_temperature",
    ];
    of_plate
        .or_else(|| said.read_first(&keys, first))
        .or_else(|| setpoint(said, true))
        .filter(|c| *c <= 250.0)
}

/// Simplify3D lists all heaters, and which of them are beds.
fn setpoint(said: &Said, of_bed: bool) -> Option<f64> {
    let targets = list(said.first(&["temperaturesetpointtemperatures"])?);
    let beds = list(said.first(&["temperatureheatedbed"])?);
    let fits = |(target, bed): (f64, f64)| (target > 0.0 && (bed > 0.0) == of_bed).then_some(target);
    targets.into_iter().zip(beds).find_map(fits)
}

fn printer(said: &Said) -> Option<String> {
    let keys = [
        "printer_model",
        "target_machine.name",
        "machine name",
        "machinetype",
        "printer type",
        "printer_settings_id",
        "profilename",
        "printer_model_id",
    ];
    // Cura's names of nothing in particular.
    let of_cura =
        || said.read_first(&["definition"], word).filter(|d| !matches!(d.as_str(), "custom" | "fdmprinter"));
    said.read_first(&keys, word).or_else(of_cura)
}

fn bed(said: &Said) -> Option<Bed> {
    let height = said.read_first(&["max_print_height", "printable_height"], first);
    let drawn = said.read_first(&["bed_shape", "printable_area"], outline);
    if let Some(bed) = drawn {
        return Some(Bed { height, ..bed });
    }
    let side = |key| said.read_first(&[key], first);
    if let (Some(x), Some(y)) = (side("machine width"), side("machine depth")) {
        return Some(Bed { min: [0.0; 2], max: [x, y], height: side("machine height") });
    }
    if let Some([x, y, z, ..]) = dimension(said).as_deref() {
        return (*x > 0.0 && *y > 0.0).then_some(Bed { min: [0.0; 2], max: [*x, *y], height: Some(*z) });
    }
    // Simplify3D's numbers count only when they override the machine's.
    said.first(&["overridemachinedefinition"]).filter(|on| *on == "1")?;
    let stroke = |axis: &str| first(said.first(&[&format!("stroke{axis}override")])?);
    Some(Bed { min: [0.0; 2], max: [stroke("x")?, stroke("y")?], height: stroke("z") })
}

/// ideaMaker's space and nozzle: `305.000 305.000 605.000 0.400`.
fn dimension(said: &Said) -> Option<Vec<f64>> {
    let numbers = said.first(&["dimension"])?.split_whitespace().take(4);
    let all: Vec<f64> = numbers.filter_map(|n| n.parse().ok().filter(|n: &f64| n.is_finite())).collect();
    (all.len() >= 3).then_some(all)
}

fn densities(said: &Said) -> Vec<f64> {
    let text = said.first(&["filament_density", "filamentdensities", "filament density #1"]);
    // ideaMaker counts in kg/m³.
    let in_grams = |density: f64| if density > 100.0 { density / 1000.0 } else { density };
    let all: Vec<f64> = text.map(|text| list(text).into_iter().map(in_grams).collect()).unwrap_or_default();
    // `1,24` is no list of two.
    if all.iter().all(|density| *density < 20.0) { all } else { Vec::new() }
}

/// Whether what this slicer writes behind the last move is there.
fn ends(said: &Said, slicer: &str) -> Option<bool> {
    match slicer {
        "PrusaSlicer" | "SuperSlicer" | "Slic3r" | "OrcaSlicer" => Some(said.has_late("filament used")),
        // The old one wrote its profile at the end.
        "Cura" => Some(said.end_mark || said.has_late("cura_profile_string")),
        "Simplify3D" | "BambuStudio" => Some(said.end_mark),
        _ => None,
    }
}
