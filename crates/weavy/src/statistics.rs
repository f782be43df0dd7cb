//! The statistics of a batch (fact sheet 11.2). Durations follow from counts, so that the same call gives the same
//! answer; per query they are those of the vendor's sample.

use serde_json::{Value, json};

/// Queries beside those of the rows: in both of the vendor's samples there are ten.
const OVERHEAD: u64 = 10;

/// Ticks of 100 ns that a query takes in the database, and as a whole.
const TICKS_IN_DATABASE: u64 = 13_530;
const TICKS: u64 = 27_156;

/// `{"queryCount", "queryDurationTotal", "executionDuration"}` of a batch of `rows`.
pub(crate) fn of(rows: usize) -> Value {
    let queries = OVERHEAD + rows as u64;
    json!({
        "queryCount": queries,
        "queryDurationTotal": duration(queries * TICKS_IN_DATABASE),
        "executionDuration": duration(queries * TICKS),
    })
}

/// `hh:mm:ss.fffffff`.
fn duration(ticks: u64) -> String {
    let seconds = ticks / 10_000_000;
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}.{:07}", seconds % 60, ticks % 10_000_000)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The ticks that a duration names.
    fn ticks(duration: &str) -> u64 {
        let (whole, fraction) = duration.split_once('.').unwrap();
        let units: Vec<u64> = whole.split(':').map(|unit| unit.parse().unwrap()).collect();
        assert!(units[1] < 60 && units[2] < 60 && fraction.len() == 7, "{duration}");
        ((units[0] * 60 + units[1]) * 60 + units[2]) * 10_000_000 + fraction.parse::<u64>().unwrap()
    }

    proptest! {
        #[test]
        fn durations_are_exact(count in 0..u64::MAX / 2) {
            prop_assert_eq!(ticks(&duration(count)), count);
        }

        #[test]
        fn the_database_is_never_slower_than_the_whole(rows in 0..10_000_000usize) {
            let statistics = of(rows);
            let of = |name: &str| ticks(statistics[name].as_str().unwrap());
            prop_assert!(of("queryDurationTotal") <= of("executionDuration"));
        }
    }

    #[test]
    fn durations_carry_seven_digits_and_all_units() {
        assert_eq!(duration(325_875), "00:00:00.0325875");
        assert_eq!(duration(3_723 * 10_000_000 + 1), "01:02:03.0000001");
    }

    #[test]
    fn two_rows_take_twelve_queries_as_in_the_sample() {
        assert_eq!(of(2)["queryCount"], 12);
        assert_eq!(of(2)["executionDuration"], "00:00:00.0325872");
    }
}
