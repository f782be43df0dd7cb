//! CUID v1, the ids of the vendor's database: `c`, eight digits of time, four of a counter, four of the machine, eight
//! of chance, all in base 36 (fact sheet 3).

use simcore::{Db, Result};

/// The machine's part: there is only one.
const FINGERPRINT: &str = "erpz";

/// The next id.
pub(crate) fn next(db: &Db<'_>) -> Result<String> {
    let time = base36(db.now.as_millisecond().unsigned_abs(), 8);
    let counter = base36(db.next("cuid", 0)?.unsigned_abs(), 4);
    let chance = base36(u64::from_le_bytes(db.random::<8>()?), 8);
    Ok(format!("c{time}{counter}{FINGERPRINT}{chance}"))
}

/// The last `length` digits of a number.
fn base36(mut number: u64, length: usize) -> String {
    let mut digits = vec![b'0'; length];
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdefghijklmnopqrstuvwxyz"[usize::try_from(number % 36).unwrap_or_default()];
        number /= 36;
    }
    digits.into_iter().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::base36;

    #[test]
    fn the_time_of_the_seeds_samples_is_read_back() {
        // clnj1a467… and clsc5ug8w… of the vendor's page: 2023-10-09 and 2024-02-07.
        assert_eq!(base36(1_696_864_448_671, 8), "lnj1a467");
        assert_eq!(base36(35, 4), "000z");
    }
}
