//! Lessons at Divalto weavy.
