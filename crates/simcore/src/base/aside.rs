//! Work that takes long, where it holds up nobody else: the runtime's other tasks move to another thread meanwhile.

use std::pin::pin;
use std::task::Poll;

use tokio::runtime::{Handle, RuntimeFlavor};

/// Does what may take long and waits for nothing.
pub fn aside<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        // There is no other thread that others could move to.
        _ => work(),
    }
}

/// Does what may take long between the moments in which it waits.
pub async fn steps_aside<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    std::future::poll_fn(|context| -> Poll<T> { aside(|| work.as_mut().poll(context)) }).await
}
