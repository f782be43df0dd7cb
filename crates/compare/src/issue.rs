//! What a profile cannot say, in words that somebody who has not seen the recording understands.

use crate::difference::{Item, Kind};

impl Item {
    /// It as text for an issue, in Markdown: what differs, how often, the fact that it touches, and why no profile says it.
    /// It holds no value of the recording.
    pub fn issue(&self, version: &str) -> String {
        let identity = &self.identity;
        let operation = &identity.operation;
        let (of, place) = match identity.place.as_str() {
            "" => (String::new(), String::new()),
            place => (format!(" of `{place}`"), format!(" `{place}`")),
        };
        let (recorded, ours) = (&identity.recorded, &identity.ours);
        let (title, what) = match self.kind() {
            Kind::FieldMissing => (
                format!("field{place} is missing"),
                format!("The real service answers with the field{place} ({recorded}), and Erpsatz does not."),
            ),
            Kind::FieldExtra => (
                format!("field{place} is not there"),
                format!("Erpsatz answers with the field{place} ({ours}), and the real service does not."),
            ),
            Kind::Path => (
                "path".to_owned(),
                format!("At the real service this call is {recorded}; at Erpsatz it is {ours}."),
            ),
            kind => {
                let name = word(kind);
                (
                    format!("{name}{of}"),
                    format!("The real service has the {name}{of} `{recorded}`, and Erpsatz has `{ours}`."),
                )
            }
        };
        let count = match self.requests.len() {
            1 => "one answer".to_owned(),
            count => format!("{count} answers"),
        };
        let evidence = self.evidence.map(|evidence| format!(" [{}]", evidence.name())).unwrap_or_default();
        let fact = match self.fact.as_str() {
            "" => String::new(),
            fact => format!(" It goes by `{fact}`{evidence}."),
        };
        format!(
            "### {}: {operation}: {title}\n\n{what} Seen in {count} of `{operation}`; compared with Erpsatz {version}.{fact}\nA profile cannot say it: {}.\n",
            self.server,
            reason(self.kind()),
        )
    }
}

/// What a kind is called in a sentence.
fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Status => "status",
        Kind::Header => "header",
        Kind::Type => "kind of value",
        Kind::Enum => "value",
        Kind::Error => "form or sentence of a refusal",
        Kind::Order => "order of rows",
        Kind::Limit => "number of rows",
        Kind::FieldMissing | Kind::FieldExtra => "field",
        Kind::Path => "path",
    }
}

fn reason(kind: Kind) -> &'static str {
    match kind {
        Kind::Status => {
            "it corrects the statuses of refusals that the server makes, and of calls that succeed with one status; whether a call succeeds is not in it"
        }
        Kind::Header => "headers of answers are not in it",
        Kind::FieldMissing | Kind::FieldExtra | Kind::Type => {
            "this part of the answer is no field of a record that it could add, change or take away"
        }
        Kind::Enum => "the field stays with its values, because the server's own rules go by them",
        Kind::Error => "the words hold what may be a value of the recording, or several refusals share them",
        Kind::Order => {
            "it corrects the order of a list for which nobody asks, and an order that was asked for is the server's own work"
        }
        Kind::Limit => "no setting of this server is this limit",
        Kind::Path => "no call of this server answers like this one",
    }
}
