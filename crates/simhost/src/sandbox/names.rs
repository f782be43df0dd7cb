//! Names of sandboxes, and what they begin URLs with.

/// The sandbox that always exists.
pub const DEFAULT: &str = "default";

/// What the paths of a sandbox's URLs begin with.
pub fn prefix_of(name: &str) -> String {
    if name == DEFAULT { String::new() } else { format!("/~{name}") }
}

/// What is said of a name that [`is_name`] refuses.
pub fn no_name(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let meant = if is_name(&lower) { format!("; write `{lower}`") } else { String::new() };
    format!("`{name}` is no name of a sandbox: 1 to 63 of a-z, 0-9 and -{meant}")
}

/// Whether `name` can name a sandbox: 1 to 63 of `a-z 0-9 -`.
pub fn is_name(name: &str) -> bool {
    (1..=63).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}
