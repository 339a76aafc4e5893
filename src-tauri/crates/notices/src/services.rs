//! The services that messages can be sent to, and what each has to be told.

use domain::{NotificationService, ServiceField};

const fn field(name: &'static str, label: &'static str, hint: &'static str) -> ServiceField {
    ServiceField { name, label, hint, secret: false, required: false, choices: &[] }
}

const fn required(field: ServiceField) -> ServiceField {
    ServiceField { required: true, ..field }
}

const fn secret(field: ServiceField) -> ServiceField {
    ServiceField { secret: true, ..field }
}

/// All of them, in the order in which they are offered.
pub const SERVICES: &[NotificationService] = &[
    NotificationService {
        name: "ntfy",
        label: "ntfy",
        help: "Install the ntfy app on your phone, subscribe to a topic with a name that nobody guesses, and enter it here.",
        fields: &[
            required(secret(field("topic", "Topic", "such as my-printer-4821"))),
            field("server", "Server", "empty: https://ntfy.sh"),
            secret(field("token", "Access token", "only if the server asks for one")),
        ],
    },
    NotificationService {
        name: "telegram",
        label: "Telegram",
        help: "Write to @BotFather to make a bot, send your bot a message, and ask @userinfobot for your chat's number.",
        fields: &[
            required(secret(field("token", "Bot token", "such as 123456:ABC-DEF"))),
            required(field("chat_id", "Chat", "a number, or @channel")),
            field("server", "Server", "empty: https://api.telegram.org"),
        ],
    },
    NotificationService {
        name: "discord",
        label: "Discord",
        help: "In Discord: the channel's settings, Integrations, Webhooks, New webhook, Copy webhook URL.",
        fields: &[required(secret(field(
            "webhook_url",
            "Webhook URL",
            "https://discord.com/api/webhooks/...",
        )))],
    },
    NotificationService {
        name: "pushover",
        label: "Pushover",
        help: "Make an application on pushover.net; your user key stands on its first page.",
        fields: &[
            required(secret(field("token", "Application token", ""))),
            required(secret(field("user_key", "User key", ""))),
            field("server", "Server", "empty: https://api.pushover.net"),
        ],
    },
    NotificationService {
        name: "email",
        label: "E-mail",
        help: "Your mail provider names the server for outgoing mail (SMTP). Many want a password made for apps.",
        fields: &[
            required(field("server", "Mail server", "such as smtp.example.com")),
            field("port", "Port", "empty: 465 with TLS, 587 with STARTTLS, 25 without"),
            ServiceField {
                choices: &["tls", "starttls", "none"],
                ..field("security", "Security", "without a choice: tls")
            },
            field("username", "User name", "empty: the server asks for none"),
            secret(field("password", "Password", "")),
            required(field("from", "From", "such as printer@example.com")),
            required(field("to", "To", "several: with commas between them")),
        ],
    },
    NotificationService {
        name: "webhook",
        label: "Webhook",
        help: "An address of yours that is sent JSON by POST: in Obico's form, or in the form of a template.",
        fields: &[
            required(secret(field(
                "url",
                "Address",
                "such as http://homeassistant.local:8123/api/webhook/...",
            ))),
            field(
                "template",
                "Template",
                "empty: Obico's form. Else a text with {{title}} {{text}} {{type}} {{printer}} {{file}} {{time}}",
            ),
        ],
    },
    NotificationService {
        name: "apprise",
        label: "Apprise URL",
        help: "The address of one of the services above as Apprise writes it: ntfy:// ntfys:// tgram:// discord:// pover:// \
               mailto:// mailtos:// json:// jsons://",
        fields: &[required(secret(field("apprise_url", "URL", "such as ntfys://ntfy.sh/my-topic")))],
    },
];

/// Returns a service by its name.
pub(crate) fn service(name: &str) -> Option<&'static NotificationService> {
    SERVICES.iter().find(|service| service.name == name)
}
