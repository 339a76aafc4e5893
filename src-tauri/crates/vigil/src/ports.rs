//! `vigil ports`: the serial ports, and what is in the way of using them. Opens none.

use printer::{PortInfo, Trouble};
use std::process::ExitCode;

/// Prints the ports, as JSON or for people.
pub(crate) fn run(json: bool) -> anyhow::Result<ExitCode> {
    let (ports, troubles) = (printer::list_ports(), printer::host_troubles());
    if json {
        println!("{:#}", serde_json::json!({ "ports": ports, "troubles": troubles }));
    } else {
        print!("{}", text(&ports, &troubles));
    }
    Ok(ExitCode::SUCCESS)
}

fn text(ports: &[PortInfo], troubles: &[Trouble]) -> String {
    let mut text = String::new();
    for port in ports {
        let mark = match (port.likely, port.stranger) {
            (true, _) => "printer?",
            (false, true) => "no",
            (false, false) => "perhaps",
        };
        let usb = port.usb.as_deref().map(|usb| format!(" [{usb}]")).unwrap_or_default();
        text += &format!("{mark:<9} {}\n          {}{usb}, {}\n", port.path, port.label, port.why);
        port.troubles.iter().for_each(|trouble| text += &told(trouble));
    }
    if ports.is_empty() {
        text += "No serial port is there: plug the printer in and switch it on.\n";
    }
    troubles.iter().for_each(|trouble| text += &told(trouble));
    text
}

fn told(trouble: &Trouble) -> String {
    format!("        ! {}\n          {}\n", trouble.what, trouble.cure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_port_is_named_with_what_is_in_its_way() {
        let port = PortInfo {
            path: "/dev/ttyUSB0".into(),
            label: "USB Serial (ttyUSB0)".into(),
            usb: Some("1a86:7523".into()),
            likely: true,
            stranger: false,
            why: "CH340 chip".into(),
            troubles: vec![Trouble { code: "held", what: "It is used.".into(), cure: "Close it.".into() }],
        };
        let shown = text(&[port], &[]);
        assert_eq!(
            shown,
            "printer?  /dev/ttyUSB0\n          USB Serial (ttyUSB0) [1a86:7523], CH340 chip\n        ! It is used.\n\
             \u{20}         Close it.\n"
        );
        assert!(text(&[], &[]).contains("plug the printer in"));
    }
}
