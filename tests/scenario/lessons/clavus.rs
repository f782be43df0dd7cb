//! Lessons at Clavus.
