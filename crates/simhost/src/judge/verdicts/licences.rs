//! `left_open`, where accounts take licences: those that a client has taken and keeps while there are none left for others.

use serde::{Deserialize, Serialize};

use crate::judge::memory::Memory;
use crate::judge::{Observed, Verdict, name_request};
use crate::store::effects::{LicenceNote, hash};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Licences {
    /// The accounts that have a licence because a client asked for it.
    taken: Memory<u64, Taken>,
    /// The requests of each principal for which there was none left.
    refused: Memory<u64, Refused>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Taken {
    principal: u64,
    request: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Refused {
    server: String,
    requests: Vec<u64>,
}

impl Licences {
    pub(crate) fn observe(&mut self, seen: &Observed<'_>) {
        let principal = hash(&(seen.server(), seen.who.principal));
        for note in &seen.effects().licences {
            match note {
                LicenceNote::Taken(account) => {
                    let taken = Taken { principal, request: seen.id() };
                    self.taken.insert(hash(&(seen.server(), account)), taken);
                }
                LicenceNote::NoneLeft(_) => {
                    let new = || Refused { server: seen.server().to_owned(), requests: Vec::new() };
                    name_request(&mut self.refused.at(principal, new).requests, seen.id());
                }
                LicenceNote::GivenBack(_) => {}
            }
        }
        self.given_back(seen.server(), &seen.effects().licences);
    }

    /// Notes which licences are free again.
    pub(crate) fn given_back(&mut self, server: &str, notes: &[LicenceNote]) {
        for note in notes {
            if let LicenceNote::GivenBack(account) = note {
                self.taken.remove(&hash(&(server, account)));
            }
        }
    }

    pub(crate) fn tell(&self, found: &mut Vec<Verdict>) {
        for (principal, Refused { server, requests }) in self.refused.iter() {
            let last = requests.last().copied().unwrap_or_default();
            // What one request asks for together is no client that forgets to close.
            let own = self.taken.iter().map(|(_, taken)| taken);
            let own = own.filter(|taken| taken.principal == *principal && taken.request < last);
            let mut named: Vec<u64> = own.map(|taken| taken.request).collect();
            if named.is_empty() {
                continue;
            }
            let held = match named.len() {
                1 => "a licence that this client has taken is".to_owned(),
                many => format!("{many} licences that this client has taken are"),
            };
            let message = format!("{held} held, and it asked for another when none was left");
            named.extend(requests);
            named.sort_unstable();
            named.dedup();
            found.push(Verdict::new("left_open", server, message, named));
        }
    }
}
