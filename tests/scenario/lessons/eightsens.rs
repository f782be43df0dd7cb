//! Lessons at 8sens.
