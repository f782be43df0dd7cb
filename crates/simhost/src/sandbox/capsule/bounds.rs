//! How much a capsule may hold once it is unpacked: what is written is never more than what is read again.

/// How many bytes a capsule may have once it is unpacked.
pub const MAX_UNPACKED: usize = 256 << 20;

/// How many values of JSON may be in it: a short text can hold many, and each takes far more memory than its letters.
pub const MAX_VALUES: usize = 8_000_000;

/// What there was so far.
#[derive(Debug, Default)]
pub struct Bounds {
    bytes: usize,
    values: usize,
}

impl Bounds {
    /// Counts a line.
    ///
    /// # Errors
    /// What there is too much of, in words.
    pub fn count(&mut self, line: &[u8]) -> Result<(), String> {
        self.bytes += line.len() + 1;
        self.values += values(line);
        if self.bytes > MAX_UNPACKED {
            return Err(format!("more than {} MiB unpacked", MAX_UNPACKED >> 20));
        }
        if self.values > MAX_VALUES {
            return Err(format!("more than {} million values", MAX_VALUES / 1_000_000));
        }
        Ok(())
    }
}

/// How many values a line of JSON holds at most, whether it is some or not.
fn values(line: &[u8]) -> usize {
    let (mut values, mut is_text, mut is_escaped) = (1, false, false);
    for byte in line {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_text,
            b'"' => is_text = !is_text,
            b',' | b'[' | b'{' if !is_text => values += 1,
            _ => {}
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_and_texts_are_one() {
        assert_eq!(values(br#"{"a":[1,2,{"b":"x,[{\",[{"}],"c":null}"#), 7);
        assert_eq!(values(b"7"), 1);
    }

    #[test]
    fn what_is_too_much_is_said() {
        let zeros = format!("[{}0]", "0,".repeat(MAX_VALUES));
        assert_eq!(Bounds::default().count(zeros.as_bytes()), Err("more than 8 million values".to_owned()));
        let mut bounds = Bounds::default();
        let line = vec![b' '; MAX_UNPACKED / 2];
        assert_eq!(bounds.count(&line), Ok(()));
        assert_eq!(bounds.count(&line), Err("more than 256 MiB unpacked".to_owned()));
    }
}
