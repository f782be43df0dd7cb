//! `token_on_every_call` and `left_open`: tokens, whose they are and how long they live. Who a client is follows from them.

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderName, HeaderValue};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::judge::memory::Memory;
use crate::judge::who::{Known, Who};
use crate::judge::{Finished, Verdict, name_request};
use crate::store::effects::{TokenNote, hash};

/// How many tokens of one holder are remembered.
const TOKENS: usize = 64;

/// How many tokens a client may ask for while it has one.
const ASKED: u64 = 5;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Sessions {
    holders: Memory<(String, String), Holder>,
    tokens: Memory<u64, (String, u64)>,
}

/// Whoever tokens were given to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Holder {
    /// The principal, once it was seen with a token of this holder.
    principal: Option<u64>,
    tokens: Vec<Token>,
    /// How many were asked for while an earlier one was valid, by which requests, on which connections.
    asked: u64,
    requests: Vec<u64>,
    peers: Vec<u64>,
    /// How many calls came with a token.
    calls: u64,
    lifetime: Option<i64>,
    is_idle: bool,
    can_close: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Token {
    hash: u64,
    issued: Timestamp,
    used: Timestamp,
    has_ended: bool,
    request: u64,
    client: u64,
    /// Whether another was asked for in its place.
    is_replaced: bool,
}

impl Holder {
    fn is_valid(&self, token: &Token, now: Timestamp) -> bool {
        let from = if self.is_idle { token.used } else { token.issued };
        !token.has_ended && self.lifetime.is_none_or(|seconds| now.duration_since(from).as_secs() < seconds)
    }
}

impl Sessions {
    /// Who has asked; what happened to tokens is noted.
    pub(crate) fn observe(&mut self, finished: &Finished<'_>, known: &mut Known) -> Who {
        let Finished { entry, sim, .. } = finished;
        let is_sign_in = match entry.operation.and_then(|place| entry.contract.operations.get(place)) {
            Some(operation) => operation.sign_in.is_some(),
            None => {
                let moved = entry.contract.moved("POST", sim.token_path);
                let path = moved.as_deref().unwrap_or(sim.token_path);
                !path.is_empty() && entry.method == "POST" && entry.path.eq_ignore_ascii_case(path)
            }
        };
        let mut who = self.principal(finished, known);
        who.is_sign_in = is_sign_in;
        if is_sign_in {
            self.sign_in(finished, &mut who);
            return who;
        }
        for note in &entry.effects.tokens {
            let TokenNote::Used(token) = note else { continue };
            let Some((holder, client)) = self.tokens.get_mut(token) else { continue };
            who.client = *client;
            if let Some(holder) = self.holders.get_mut(&(sim.slug.to_owned(), holder.clone())) {
                holder.calls += 1;
                holder.lifetime = finished.lifetime.or(holder.lifetime);
                let token = holder.tokens.iter_mut().find(|known| known.hash == *token);
                if let Some(token) = token.filter(|_| !entry.principal.is_empty()) {
                    token.used = entry.at;
                }
            }
        }
        self.ended(sim.slug, &entry.effects.tokens);
        who
    }

    /// Who the request's principal is. One that was not let in is known by what it signs in with; when it is let in at
    /// last it is still the same.
    fn principal(&mut self, finished: &Finished<'_>, known: &mut Known) -> Who {
        let (entry, slug) = (finished.entry, finished.sim.slug);
        let is_credential = |name: &HeaderName| {
            let mut schemes = entry.contract.security.iter().flatten().map(|scheme| scheme.header.as_str());
            let is = |known: &str| known.eq_ignore_ascii_case(name.as_str());
            name == AUTHORIZATION || finished.sim.secrets.iter().any(|known| is(known)) || schemes.any(is)
        };
        let names = entry.headers.keys().filter(|name| is_credential(name));
        let mut values: Vec<&[u8]> =
            names.filter_map(|name| entry.headers.get(name)).map(HeaderValue::as_bytes).collect();
        values.sort_unstable();
        values.dedup();
        let token = values.iter().find_map(|value| {
            let text = std::str::from_utf8(value).ok()?;
            self.tokens.get(&hash(text.rsplit(' ').next()?))
        });
        let has_token = token.is_some() || finished.sim.habits.session.is_some() && gives_token(finished);
        let holder = token.map(|(holder, _)| (slug.to_owned(), holder.clone()));
        let mut holder = holder.and_then(|holder| self.holders.get_mut(&holder));
        let credentials = hash(&(slug, values));
        let name = (!entry.principal.is_empty()).then(|| hash(&(slug, &entry.principal)));
        let by_token = holder.as_ref().and_then(|holder| holder.principal);
        let before = known.credentials.get(&credentials).copied();
        let by_name = name.map(|name| known.names.get(&name).copied().unwrap_or(name));
        let principal = by_token.or(before).or(by_name).unwrap_or(credentials);
        if let Some(holder) = &mut holder {
            holder.principal = Some(principal);
        }
        known.credentials.insert(credentials, principal);
        if let Some(name) = name {
            known.names.insert(name, principal);
            known.let_in.insert(credentials, true);
        }
        // A token was good when it was given: also one that was never used, or that is of an earlier world.
        let was_let_in = has_token || known.let_in.get(&credentials).is_some();
        Who { principal, client: principal, was_let_in, is_sign_in: false }
    }

    fn sign_in(&mut self, finished: &Finished<'_>, who: &mut Who) {
        let Finished { entry, sim, .. } = finished;
        let issued = entry.effects.tokens.iter().find_map(|note| match note {
            TokenNote::Issued(token, holder) => Some((*token, holder.clone())),
            _ => None,
        });
        let Some((token, name)) = issued else { return };
        let session = sim.habits.session;
        let holder = self.holders.at((sim.slug.to_owned(), name.clone()), Holder::default);
        holder.lifetime = finished.lifetime;
        holder.is_idle = session.is_some_and(|session| session.is_idle);
        holder.can_close = session.is_some_and(|session| session.can_close);
        let now = entry.at;
        let has_valid = holder.tokens.iter().any(|token| holder.is_valid(token, now));
        let dead = holder.tokens.iter().rposition(|token| !token.is_replaced && !holder.is_valid(token, now));
        let client = match dead {
            Some(place) => {
                holder.tokens[place].is_replaced = true;
                holder.tokens[place].client
            }
            None => token,
        };
        // A token that never arrived is nobody's own.
        if has_valid && !finished.arrival.is_unread {
            holder.asked += 1;
            name_request(&mut holder.requests, entry.id);
            if holder.peers.len() < TOKENS {
                holder.peers.push(finished.arrival.peer);
            }
        }
        for note in &entry.effects.tokens {
            if matches!(note, TokenNote::AllEnded(_)) {
                holder.tokens.iter_mut().for_each(|token| token.has_ended = true);
            }
        }
        if holder.tokens.len() >= TOKENS {
            let oldest =
                holder.tokens.iter().position(|token| !holder.is_valid(token, now)).unwrap_or_default();
            holder.tokens.remove(oldest);
        }
        holder.tokens.push(Token {
            hash: token,
            issued: now,
            used: now,
            has_ended: finished.arrival.is_unread,
            request: entry.id,
            client,
            is_replaced: false,
        });
        self.tokens.insert(token, (name, client));
        who.client = client;
    }

    /// Notes which tokens have ended.
    pub(crate) fn ended(&mut self, server: &str, notes: &[TokenNote]) {
        for note in notes {
            match note {
                TokenNote::Ended(token) => {
                    let Some((holder, _)) = self.tokens.get(token) else { continue };
                    let holder = self.holders.get_mut(&(server.to_owned(), holder.clone()));
                    let tokens = holder.into_iter().flat_map(|holder| &mut holder.tokens);
                    tokens.filter(|known| known.hash == *token).for_each(|token| token.has_ended = true);
                }
                TokenNote::AllEnded(Some(holder)) => {
                    if let Some(holder) = self.holders.get_mut(&(server.to_owned(), holder.clone())) {
                        holder.tokens.iter_mut().for_each(|token| token.has_ended = true);
                    }
                }
                TokenNote::AllEnded(None) => {
                    let tokens = self.holders.values_mut().flat_map(|holder| &mut holder.tokens);
                    tokens.for_each(|token| token.has_ended = true);
                }
                TokenNote::Issued(..) | TokenNote::Used(_) => {}
            }
        }
    }

    pub(crate) fn tell(&self, found: &mut Vec<Verdict>, now: Timestamp) {
        for ((server, _), holder) in self.holders.iter() {
            let Holder { asked, calls, requests, peers, .. } = holder;
            if *asked >= ASKED && asked * 4 > *calls {
                let message = format!(
                    "{asked} tokens were asked for while an earlier one was valid, for {calls} calls"
                );
                let verdict = Verdict::new("token_on_every_call", server, message, requests.clone());
                let mut connections = peers.clone();
                connections.sort_unstable();
                connections.dedup();
                let is_each_alone = connections.len() == peers.len();
                found.push(if is_each_alone { verdict.into_advice() } else { verdict });
            }
            let open: Vec<u64> = holder
                .tokens
                .iter()
                .filter(|token| holder.is_valid(token, now))
                .map(|token| token.request)
                .collect();
            if holder.can_close && open.len() > 1 {
                let message =
                    format!("{} sessions are open; each was opened while another one was", open.len());
                found.push(Verdict::new("left_open", server, message, open));
            }
        }
    }
}

/// Whether a request comes with a token, known or not.
fn gives_token(finished: &Finished<'_>) -> bool {
    let headers = &finished.entry.headers;
    let bearer = headers.get(AUTHORIZATION).is_some_and(|value| {
        value.as_bytes().get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer "))
    });
    bearer || finished.sim.secrets.iter().any(|name| name.contains("token") && headers.contains_key(*name))
}
