use super::*;

fn read(line: &str) -> Command<'_> {
    Command::of(line).unwrap_or_else(|| panic!("{line:?} has a command"))
}

#[test]
fn the_word_is_read_as_marlin_reads_it() {
    let table = [
        ("G28", ('G', 28)),
        ("G028", ('G', 28)),
        ("G28O", ('G', 28)),
        ("G 28 X", ('G', 28)),
        ("g1 x5", ('G', 1)),
        ("M0112", ('M', 112)),
        ("M 104 S200", ('M', 104)),
        ("M104S200", ('M', 104)),
        ("M112.0", ('M', 112)),
        ("M112X", ('M', 112)),
        ("  \t N12 M105*3", ('M', 105)),
        ("N-1M105", ('M', 105)),
        ("(home) G28", ('G', 28)),
        ("N5 (home) N6 G28", ('G', 28)),
        ("T0", ('T', 0)),
        ("T 3", ('T', 3)),
        ("T", ('T', NO_NUMBER)),
        ("Tx", ('T', NO_NUMBER)),
        ("T?", ('T', NO_NUMBER)),
        ("M65648", ('M', 112)),
        ("PRINT_START BED=60", (NAMED, 0)),
        ("TIMELAPSE_TAKE_FRAME", (NAMED, 0)),
        ("G_CODE", (NAMED, 0)),
        ("@pause", (HOST, 0)),
        (";@pause now", (HOST, 0)),
        ("%", (UNKNOWN, 0)),
        ("X10 Y2", (UNKNOWN, 0)),
        ("G", (UNKNOWN, 0)),
        ("?G28", (UNKNOWN, 0)),
    ];
    for (line, want) in table {
        assert_eq!(read(line).code(), want, "{line}");
    }
    for line in ["", "  ", ";LAYER:3", "N12", "*12", "(only words)", "N5*3", "\r\n", ";@pauses", "\t; x"] {
        assert!(Command::of(line).is_none(), "{line:?}");
    }
    assert_eq!((read("G38.2 Z5").subcode(), read("G38").subcode()), (Some(2), None));
}

#[test]
fn parameters_stand_with_and_without_blanks() {
    let move_ = read("G1X-1.5 y+.25 E 3.F1500;X9");
    assert_eq!(
        ['X', 'Y', 'E', 'F', 'Z'].map(|l| move_.value(l)),
        [Some(-1.5), Some(0.25), Some(3.0), Some(1500.0), None]
    );
    let home = read("G28 X Y0");
    assert_eq!((home.has('X'), home.value('X'), home.has('Y'), home.has('Z')), (true, None, true, false));
    assert!(home.has_axis() && !read("G28O").has_axis() && !read("G28 W").has_axis());
    // As `strtof` reads them, and without an exponent.
    let odd = read("G1 X1-2 Y. Z1.2.3 E1E3 F1,5 I2e5");
    assert_eq!(
        ['X', 'Y', 'Z', 'E', 'F'].map(|l| odd.value(l)),
        [Some(1.0), None, Some(1.2), Some(3.0), Some(1.0)]
    );
    assert_eq!(read("G1 X1 X2").value('X'), Some(2.0), "the last one counts");
    assert_eq!(read("M104 S200 T1*99").value('T'), Some(1.0));
    assert_eq!(read("M862.3 P \"S5\"").value('S'), None, "what is quoted is text");
    assert_eq!(read("M190 rS60").value('S'), Some(60.0));
    assert_eq!(read("G1 X(5)7 Y2").value('Y'), Some(2.0));
}

#[test]
fn texts_are_no_parameters() {
    for line in ["M117 X5", "M118 S3", "M23 S1.gco", "M28S1", "M30 X1", "M486 AX5 part", "M16 X1", "M928 S1"]
    {
        let command = read(line);
        assert!(command.is_string() && !command.has('X') && !command.has('S'), "{line}");
    }
    assert_eq!(read("M117 50% (a) ; b").arguments(), b"50% (a)");
    assert_eq!(read("M117 5*5").arguments(), b"5*5");
    assert_eq!(read("N3 M117 5*55").arguments(), b"5", "behind a number it is the checksum");
    assert_eq!(read("M486 T12").value('T'), Some(12.0));
    let start = read("PRINT_START BED=60 hotend=\"205\" ; go");
    assert_eq!(
        (start.name(), start.named("Bed"), start.named("HOTEND"), start.named("X")),
        ("PRINT_START", Some("60"), Some("205"), None)
    );
    assert_eq!((read("@pause a").name(), read("@pause a").arguments()), ("pause", &b"a"[..]));
}

#[test]
fn what_a_printer_does_not_read_as_it_is_meant_is_told() {
    use Misread::{Exponent, Placeholder};
    let table = [
        ("G1 X1 F{speed_travel}", Some(Placeholder)),
        ("G1 X1 F{speed_travel*60} Y2", Some(Placeholder)),
        ("M104 S[first_layer_temperature]", Some(Placeholder)),
        ("M104 S[ first_layer_temperature ]", None),
        ("PRINT_START BED=[first_layer_bed_temperature] EXTRUDER=200", Some(Placeholder)),
        ("{if layer_num==1}", Some(Placeholder)),
        ("EXCLUDE_OBJECT_DEFINE NAME=a POLYGON=[[1,2],[3,4]]", None),
        ("SET_GCODE_VARIABLE MACRO=a VARIABLE=b VALUE=\"{'a': 1}\"", None),
        ("M117 layer [layer_num]", None),
        ("M862.3 P \"[a]\"", None),
        ("G1 X1 E1.2e-05", Some(Exponent)),
        ("G1 X1 E1.2E-05", Some(Exponent)),
        ("G1 E1.2E-05", Some(Exponent)),
        ("G1 X1E1.2E-05", Some(Exponent)),
        ("G1 X3e2", Some(Exponent)),
        ("G1X1E-2", None),
        ("G1X1.5E2", None),
        ("g1x1e-2", None),
        ("G1 X1 E-2", None),
        ("G1 X1 E.5 F300 ; 1.2e-05", None),
        ("G1 X1 E2 E-3", None),
    ];
    for (line, want) in table {
        assert_eq!(Command::of(line).unwrap().misread(), want, "{line}");
    }
    // The words of a template are no parameters; what stands around them is.
    let command = Command::of("G1 X{x_max} Y2 F[speed]").unwrap();
    assert_eq!((command.value('X'), command.value('Y'), command.value('F')), (None, Some(2.0), None));
    assert!(command.has('X') && command.has('F') && !command.has('M') && !command.has('S'));
}
