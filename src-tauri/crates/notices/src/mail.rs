//! Messages as mail.

use crate::channel::{Mail, Security};
use crate::outcome::Outcome;
use crate::requests::Said;
use domain::one_line;
use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::{SMTP_PORT, SUBMISSION_PORT, SUBMISSIONS_PORT};
use lettre::{Message, SmtpTransport, Transport};
use outbound::OutboundPurpose;
use std::time::Duration;

/// Sends one mail.
pub(crate) fn send(mail: &Mail, said: Said<'_>, longest: Duration) -> Outcome {
    let message = match message(mail, said) {
        Ok(message) => message,
        Err(why) => return Outcome::Refused(why),
    };
    let tls = match tls(mail) {
        Ok(tls) => tls,
        Err(error) => return Outcome::Refused(error.to_string()),
    };
    let port = mail.port.unwrap_or(match mail.security {
        Security::Tls => SUBMISSIONS_PORT,
        Security::StartTls => SUBMISSION_PORT,
        Security::None => SMTP_PORT,
    });
    // What goes to the server is counted on the way; it is asked only where a person's server may be.
    let near = outbound::relay(OutboundPurpose::Mail, &mail.server, port, camera::may_be_asked, longest);
    let near = match near {
        Ok(near) => near,
        Err(error) => return Outcome::Later(format!("it could not be reached: {error}"), None),
    };
    let transport = transport(mail, tls, near, longest);
    match transport.send(&message) {
        Ok(response) => {
            let text: Vec<&str> = response.message().collect();
            Outcome::Sent(format!("{} {}", response.code(), text.join(" ")).trim().to_owned())
        }
        Err(error) if error.is_permanent() => Outcome::Refused(error.to_string()),
        Err(error) => Outcome::Later(error.to_string(), None),
    }
}

/// The certificate is to be the server's, whatever leads there.
fn tls(mail: &Mail) -> Result<Tls, lettre::transport::smtp::Error> {
    Ok(match mail.security {
        Security::Tls => Tls::Wrapper(TlsParameters::new(mail.server.clone())?),
        Security::StartTls => Tls::Required(TlsParameters::new(mail.server.clone())?),
        Security::None => Tls::None,
    })
}

fn transport(mail: &Mail, tls: Tls, near_port: u16, longest: Duration) -> SmtpTransport {
    let mut builder = SmtpTransport::builder_dangerous("127.0.0.1").port(near_port).tls(tls);
    if let Some((name, password)) = &mail.login {
        builder = builder.credentials(Credentials::new(name.clone(), password.clone()));
    }
    builder.timeout(Some(longest)).build()
}

fn message(mail: &Mail, said: Said<'_>) -> Result<Message, String> {
    let mailbox = |text: &str| text.parse::<Mailbox>().map_err(|error| format!("{text:?}: {error}"));
    // A title is one line; a line end in it would begin another header.
    let subject = one_line(said.title, usize::MAX);
    let mut builder = Message::builder().from(mailbox(&mail.from)?).subject(subject);
    for to in &mail.to {
        builder = builder.to(mailbox(to)?);
    }
    let text = SinglePart::plain(format!("{}\n\n{}\n", said.text, said.time));
    let built = match said.picture {
        Some(picture) => {
            let jpeg = ContentType::parse("image/jpeg").map_err(|error| error.to_string())?;
            let picture = Attachment::new("printer.jpg".into()).body(picture.to_vec(), jpeg);
            builder.multipart(MultiPart::mixed().singlepart(text).singlepart(picture))
        }
        None => builder.singlepart(text),
    };
    built.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Facts;
    use domain::MessageTopic;

    #[test]
    fn a_title_with_line_ends_makes_no_header() {
        let mail = Mail {
            server: "m.example".into(),
            port: None,
            security: Security::None,
            login: None,
            from: "Printer <a@b.c>".into(),
            to: vec!["d@e.f".into(), "g@h.i".into()],
        };
        let facts = Facts::default();
        let said = Said {
            topic: MessageTopic::Test,
            title: "one\r\nBcc: x@y.z",
            text: "fine",
            facts: &facts,
            time: "now",
            picture: Some(b"jpeg"),
        };
        let text = String::from_utf8_lossy(&message(&mail, said).expect("built").formatted()).into_owned();
        assert!(!text.contains("\r\nBcc:"), "{text}");
        assert!(text.contains("To: d@e.f, g@h.i") && text.contains("image/jpeg"), "{text}");
    }
}
