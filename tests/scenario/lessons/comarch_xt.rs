//! Lessons at Comarch ERP XT.
