//! What of memory is free goes back to the system.

/// Gives the system what the allocator mimalloc has of free memory, which keeps it for whoever asks next: after much has
/// been freed at once. It takes some milliseconds. Nothing happens where another allocator is the program's.
#[expect(unsafe_code, reason = "mimalloc is written in C, and no crate has this call in Rust")]
pub fn give_back() {
    // SAFETY: the function has no arguments that could be wrong, may be called from any thread at any time, and touches no
    // memory that is in use.
    unsafe { libmimalloc_sys::mi_collect(true) }
}
