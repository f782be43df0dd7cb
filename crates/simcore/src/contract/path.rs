//! Paths of requests against templates of paths.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// The decoded segments of a path; slashes at its end do not count.
pub(super) fn segments(path: &str) -> Vec<Cow<'_, str>> {
    path.split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy())
        .collect()
}

/// How many variables of a template it takes to fit these segments; nothing when it does not.
pub(super) fn fits(template: &str, segments: &[Cow<'_, str>]) -> Option<usize> {
    let mut variables = 0;
    let mut segments = segments.iter();
    for part in template.split('/').filter(|part| !part.is_empty()) {
        let segment = segments.next()?;
        if part.ends_with("*}") {
            return Some(variables + 2);
        }
        if part.starts_with('{') {
            variables += 1;
        } else if !part.eq_ignore_ascii_case(segment) {
            return None;
        }
    }
    segments.next().is_none().then_some(variables)
}
