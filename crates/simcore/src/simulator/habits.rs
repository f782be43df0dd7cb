//! What the judge must know of a vendor's API besides its profile.

use axum::http::Method;

/// What the judge must know of a vendor's API besides its profile: which calls only read, how pages, companies and
/// sessions work.
#[derive(Clone, Copy, Debug, Default)]
pub struct Habits {
    /// The last segments of paths of calls that only read although they are no `GET`.
    pub reads: &'static [&'static str],
    /// A word without which a body only asks; empty where paths and verbs tell.
    pub writes_say: &'static str,
    /// Words in a body that tell calls of one path apart.
    pub calls: &'static [&'static str],
    /// The parameter that gives a list its order, where pages without one have none; empty elsewhere.
    pub order: &'static str,
    /// The header that names the company, where a default stands in for it; empty elsewhere.
    pub company: &'static str,
    /// How sessions end, where clients have them.
    pub session: Option<Session>,
}

/// How the tokens of a vendor end.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    /// The setting with their lifetime in seconds.
    pub lifetime: &'static str,
    /// Whether that is the time since a token was last used, not since it was given.
    pub is_idle: bool,
    /// Whether a client can end one.
    pub can_close: bool,
}

impl Habits {
    /// Those of an API of which there is nothing to say.
    pub const NONE: Self =
        Self { reads: &[], writes_say: "", calls: &[], order: "", company: "", session: None };

    /// Whether a call of this verb, path and body is one that writes.
    pub fn is_write(&self, method: &Method, path: &str, body: &[u8]) -> bool {
        let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let says = || {
            let word = self.writes_say.as_bytes();
            word.is_empty() || body.windows(word.len()).any(|part| part == word)
        };
        !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
            && !self.reads.iter().any(|read| read.eq_ignore_ascii_case(last))
            && says()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_writes_is_known_by_verb_path_and_words() {
        let habits = Habits { reads: &["search"], ..Habits::NONE };
        let documents = Habits { writes_say: "mutation", ..habits };
        for (method, path, body, writes) in [
            (Method::GET, "/a", "", [false, false]),
            (Method::HEAD, "/a", "mutation", [false, false]),
            (Method::OPTIONS, "/a", "mutation", [false, false]),
            (Method::DELETE, "/a", "", [true, false]),
            (Method::POST, "/a", "{ b }", [true, false]),
            (Method::POST, "/a", "x mutation y", [true, true]),
            (Method::POST, "/a/Search/", "mutation", [false, false]),
            (Method::POST, "/search/a", "mutation", [true, true]),
        ] {
            let found = [&habits, &documents].map(|habits| habits.is_write(&method, path, body.as_bytes()));
            assert_eq!(found, writes, "{method} {path} {body}");
        }
    }
}
