//! The contract of each simulator of a sandbox, as its settings make it.

use std::sync::Arc;

use crate::contract::Contract;
use crate::entity::settings::Settings;
use crate::sandbox::{Sandbox, locked};
use crate::store::Store;

impl Sandbox {
    /// The contract of the simulator at `index` as its settings make it; the usual one where its database cannot be
    /// opened.
    pub async fn contract(&self, index: usize) -> Arc<Contract> {
        self.contract_over(index, self.store(index).await.ok().as_deref())
    }

    /// The same over its database, where that could be opened.
    pub(crate) fn contract_over(&self, index: usize, store: Option<&Store>) -> Arc<Contract> {
        match store {
            Some(store) => self.contract_under(index, &store.settings()),
            None => self.shared.servers[index].usual_contract(),
        }
    }

    /// The contract of the simulator at `index` under these settings. It is made anew only when they have changed.
    pub(crate) fn contract_under(&self, index: usize, settings: &Arc<Settings>) -> Arc<Contract> {
        let contract = &mut locked(&self.contracts)[index];
        match contract {
            Some((of, contract)) if Arc::ptr_eq(of, settings) => contract.clone(),
            _ => {
                let made = self.shared.servers[index].contract(settings);
                *contract = Some((settings.clone(), made.clone()));
                made
            }
        }
    }
}
