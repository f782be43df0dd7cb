//! What effects take of memory while the journal keeps them.

use super::{Change, Created, Delivered, Effects, FieldChange, Refused, Row};

impl Effects {
    /// Whether nothing was noted.
    pub fn is_empty(&self) -> bool {
        let is_noted = self.has_changed_anything()
            || self.more > 0
            || !(self.unchanged.is_empty() && self.refused.is_empty())
            || !(self.delivered.is_empty() && self.told.is_empty())
            || !(self.validated.is_empty() && self.parts.is_empty())
            || !(self.tokens.is_empty() && self.licences.is_empty());
        !is_noted
    }

    /// How many bytes of memory it has beside itself, once it has forgotten what only the judge needs; an allocation
    /// counts with what it takes itself.
    pub fn size(&self) -> usize {
        const ALLOCATION: usize = 24;
        let text = |text: &str| text.len() + ALLOCATION;
        let row = |row: &Row| text(&row.entity) + text(&row.company) + text(&row.key);
        let of = |change: &Change| {
            let fields = change.fields.iter().map(|field| size_of::<FieldChange>() + text(&field.name));
            row(&change.row) + fields.sum::<usize>() + ALLOCATION
        };
        let lists = [
            self.created.capacity() * size_of::<Created>(),
            self.changed.capacity() * size_of::<Change>(),
            self.unchanged.capacity() * size_of::<Row>(),
            self.deleted.capacity() * size_of::<Row>(),
            self.delivered.capacity() * size_of::<Delivered>(),
            self.refused.capacity() * size_of::<Refused>(),
        ];
        let refused = self.refused.iter().map(|refused| {
            let key = refused.key.as_deref().map_or(0, text);
            text(&refused.entity) + text(&refused.company) + text(&refused.reason) + key
        });
        lists.into_iter().filter(|size| *size > 0).map(|size| size + ALLOCATION).sum::<usize>()
            + self.created.iter().map(|created| row(&created.row)).sum::<usize>()
            + self.changed.iter().map(of).sum::<usize>()
            + self.unchanged.iter().chain(&self.deleted).map(row).sum::<usize>()
            + self.delivered.iter().map(|list| text(&list.entity) + text(&list.company)).sum::<usize>()
            + refused.sum::<usize>()
    }

    /// Without what only the judge needs, once it has seen it.
    pub fn forget(&mut self) {
        self.told = Vec::new();
        self.validated = Vec::new();
        self.parts = Vec::new();
        self.tokens = Vec::new();
        self.licences = Vec::new();
        self.delivered.iter_mut().for_each(|delivered| delivered.ids = Vec::new());
    }
}
