//! The order of lists, as profiles say it: `price desc, code`.

use serde::{Deserialize, Serialize};

/// Fields of an entity, each with its direction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Order(Vec<(String, Direction)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

impl TryFrom<String> for Order {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let terms = text.split(',').map(|term| {
            let mut words = term.split_whitespace();
            let direction = match (words.clone().count(), words.clone().nth(1)) {
                (1, _) => Direction::Up,
                (2, Some(word)) if word.eq_ignore_ascii_case("asc") => Direction::Up,
                (2, Some(word)) if word.eq_ignore_ascii_case("desc") => Direction::Down,
                _ => {
                    return Err(format!(
                        "`{}` is no order: `Field` or `Field desc`, with commas",
                        term.trim()
                    ));
                }
            };
            Ok((words.next().unwrap_or_default().to_owned(), direction))
        });
        terms.collect::<Result<_, _>>().map(Self)
    }
}

impl From<Order> for String {
    fn from(order: Order) -> Self {
        let term = |(field, direction): &(String, Direction)| match direction {
            Direction::Up => field.clone(),
            Direction::Down => format!("{field} desc"),
        };
        order.0.iter().map(term).collect::<Vec<_>>().join(", ")
    }
}

impl Order {
    /// The fields that it goes by, each with the word of SQL for its direction.
    pub(crate) fn terms(&self) -> impl Iterator<Item = (&str, &'static str)> {
        let word = |direction| if direction == Direction::Down { "DESC" } else { "ASC" };
        self.0.iter().map(move |(field, direction)| (field.as_str(), word(*direction)))
    }

    /// The fields that it goes by.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(field, _)| field.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Order;

    #[test]
    fn orders_are_read_and_written() {
        let read = |text: &str| Order::try_from(text.to_owned()).map(String::from);
        assert_eq!(read(" a DESC,b asc , c").as_deref(), Ok("a desc, b, c"));
        for wrong in ["", "a,", "a down", "a desc b"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
