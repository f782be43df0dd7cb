//! Refusals as data: status, code and sentence of each are the profile's, and come to an error by the name it has.

use std::borrow::Cow;

use axum::http::StatusCode;

use crate::base::error::{Error, ErrorKind};
use crate::base::said::{Part, Said};
use crate::base::text;
use crate::entity::profile::Profile;
pub use crate::entity::refusal::{Refusal, Sentence, Status};
use crate::entity::settings::Settings;

/// What every server refuses by itself, with the status that it has where a profile gives it none.
const OF_EVERY_SERVER: [(StatusCode, ErrorKind); 15] = [
    (StatusCode::NOT_FOUND, ErrorKind::Route),
    (StatusCode::METHOD_NOT_ALLOWED, ErrorKind::Method),
    (StatusCode::UNAUTHORIZED, ErrorKind::Auth),
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, ErrorKind::MediaType),
    (StatusCode::PAYLOAD_TOO_LARGE, ErrorKind::TooLarge),
    (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, ErrorKind::Headers),
    (StatusCode::URI_TOO_LONG, ErrorKind::Uri),
    (StatusCode::BAD_REQUEST, ErrorKind::Unreadable),
    (StatusCode::BAD_REQUEST, ErrorKind::Cut),
    (StatusCode::REQUEST_TIMEOUT, ErrorKind::Late),
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, ErrorKind::Encoding),
    (StatusCode::BAD_REQUEST, ErrorKind::Syntax),
    (StatusCode::INTERNAL_SERVER_ERROR, ErrorKind::Internal),
    (StatusCode::BAD_REQUEST, ErrorKind::Injected),
    (StatusCode::TOO_MANY_REQUESTS, ErrorKind::RateLimited),
];

/// What the core says of records that are not there, or there already.
const OF_RECORDS: [&str; 3] = ["NOT_FOUND", "NO_REFERENCE", "TAKEN"];

/// The placeholders that hold names of fields and entities.
const NAMES: [&str; 9] =
    ["field", "entity", "path", "place", "parent", "source", "target", "property", "nearest"];

/// What knows the words: a profile under some settings.
pub struct Words<'a> {
    profile: &'a Profile,
    settings: &'a Settings,
}

impl<'a> Words<'a> {
    /// The words of `profile` under `settings`.
    pub fn new(profile: &'a Profile, settings: &'a Settings) -> Self {
        Self { profile, settings }
    }

    /// The error with status, code and sentences of the refusals that it names; others stay as they are.
    #[must_use]
    pub fn of(&self, mut error: Error) -> Error {
        if let Some(said) = error.said.take_if(|said| !said.is_worded) {
            self.refuse(&mut error, &said.name, &said.with);
        }
        for detail in &mut error.details {
            if let Some(said) = detail.said.take() {
                detail.message = self.sentence(&said);
            }
        }
        error
    }

    /// The same, also of what the core raises without words: the refusal of its kind, of its status, or in general.
    #[must_use]
    pub fn of_any(&self, error: Error) -> Error {
        let mut error = self.of(error);
        if error.said.is_none() && error.message.is_empty() {
            let has_own_status =
                !matches!(error.kind, ErrorKind::Injected | ErrorKind::Ended | ErrorKind::Vendor);
            if let Some(name) = self.by_kind(error.kind).filter(|_| has_own_status) {
                self.refuse(&mut error, name, &[]);
            } else {
                self.generalise(&mut error);
            }
        }
        error
    }

    /// Whether what the core refuses has a code as the rest has: each such refusal is one of the profile's, and has a code
    /// where one of them has. Why it has none, `about` may say.
    ///
    /// # Errors
    /// The refusal without one.
    pub fn hold_codes(&self) -> Result<(), String> {
        let errors = &self.profile.errors;
        if !errors.values().any(|refusal| refusal.status.is_some() && refusal.code.is_some()) {
            return Ok(());
        }
        let mut names: Vec<String> = OF_RECORDS
            .iter()
            .filter(|name| errors.contains_key(**name))
            .map(|name| (*name).to_owned())
            .collect();
        for (status, kind) in OF_EVERY_SERVER {
            let Some(said) = self.of_any(Error::new(status, kind)).said else {
                let kind = serde_json::to_value(kind).unwrap_or_default();
                return Err(format!(
                    "no refusal of `errors` is what is said of `kinds: [{}]`, and others have codes",
                    kind.as_str().unwrap_or_default()
                ));
            };
            names.push(said.name.into_owned());
        }
        let of_core = || names.iter().filter_map(|name| Some((name, errors.get(name)?)));
        let is_coded = of_core().any(|(_, refusal)| refusal.code.is_some());
        match of_core().find(|(_, refusal)| refusal.code.is_none() && refusal.about.is_empty()) {
            Some((name, _)) if is_coded => {
                Err(format!("`errors.{name}` has no `code`, which others have, and no `about` that says why"))
            }
            _ => Ok(()),
        }
    }

    /// A sentence by itself.
    pub fn sentence(&self, said: &Said) -> String {
        let found = self.profile.errors.get(&*said.name);
        debug_assert!(found.is_some(), "the profile has no refusal {}", said.name);
        let sentence = found.and_then(|refusal| refusal.message.as_ref());
        sentence.map(|sentence| self.fill(sentence.text(self.language()), &said.with)).unwrap_or_default()
    }

    fn language(&self) -> &str {
        self.profile.language.as_ref().map_or("", |setting| self.settings.text(setting))
    }

    fn refuse(&self, error: &mut Error, name: &str, with: &[(&'static str, Part)]) {
        let found = self.profile.errors.get(name);
        debug_assert!(found.is_some(), "the profile has no refusal {name}");
        let Some(refusal) = found else { return };
        let status = refusal.status.as_ref().and_then(|status| self.status(status));
        error.status = status.unwrap_or(error.status);
        error.code = refusal.code.clone().map_or(Cow::Borrowed(""), Cow::Owned);
        let name = Cow::Owned(name.to_owned());
        error.said = Some(Box::new(Said { name, with: Vec::new(), is_worded: true }));
        match &refusal.message {
            Some(sentence) => error.message = self.fill(sentence.text(self.language()), with),
            None => {
                let general = self.general(error.status).and_then(|name| self.profile.errors.get(name));
                let sentence = general.and_then(|general| general.message.as_ref());
                error.message = sentence.map(|it| it.text(self.language()).to_owned()).unwrap_or_default();
            }
        }
    }

    fn generalise(&self, error: &mut Error) {
        let Some(name) = self.general(error.status) else { return };
        let (status, code) = (error.status, std::mem::take(&mut error.code));
        self.refuse(error, name, &[]);
        error.status = status;
        if !code.is_empty() {
            error.code = code;
        }
    }

    /// The status that a refusal has.
    pub fn status(&self, status: &Status) -> Option<StatusCode> {
        let code = match status {
            Status::Code(code) => *code,
            Status::Setting { setting } => u16::try_from(self.settings.integer(setting)).ok()?,
        };
        StatusCode::from_u16(code).ok()
    }

    /// What is said of a status in general.
    fn general(&self, status: StatusCode) -> Option<&'a str> {
        let all = &self.profile.errors;
        let of_status = all.iter().find(|(_, refusal)| refusal.statuses.contains(&status.as_u16()));
        // What the vendor's framework says of it by itself; 400 says many things.
        let is_own = |refusal: &Refusal| {
            !refusal.kinds.is_empty()
                && matches!(refusal.status, Some(Status::Code(code)) if code == status.as_u16())
        };
        let of_framework = || {
            let has_own = status.is_client_error() && status != StatusCode::BAD_REQUEST;
            all.iter().find(|(_, refusal)| has_own && is_own(refusal))
        };
        let kind = if status.is_client_error() { ErrorKind::Injected } else { ErrorKind::Internal };
        of_status.or_else(of_framework).map(|(name, _)| name.as_str()).or_else(|| self.by_kind(kind))
    }

    fn by_kind(&self, kind: ErrorKind) -> Option<&'a str> {
        let found = self.profile.errors.iter().find(|(_, refusal)| refusal.kinds.contains(&kind));
        found.map(|(name, _)| name.as_str())
    }

    fn fill(&self, text: &str, with: &[(&'static str, Part)]) -> String {
        text::fill(text, |name| {
            let (_, part) = with.iter().find(|(known, _)| *known == name)?;
            let part = self.part(part);
            Some(if NAMES.contains(&name) {
                self.profile.renames().name(&part).into_owned().into()
            } else {
                part
            })
        })
    }

    fn part<'p>(&self, part: &'p Part) -> Cow<'p, str> {
        match part {
            Part::Text(text) => Cow::Borrowed(text),
            Part::Said(all, between) => {
                Cow::Owned(all.iter().map(|said| self.sentence(said)).collect::<Vec<_>>().join(between))
            }
        }
    }
}
