//! Work that takes long, where it holds up nobody else: the runtime's other tasks move to another thread meanwhile.

use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::{Handle, RuntimeFlavor};

/// Does what may take long and waits for nothing.
pub fn aside<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        // There is no other thread that others could move to.
        _ => work(),
    }
}

/// How long another thread has to take over what waits for this one.
const TAKING_OVER: Duration = Duration::from_millis(1);

/// Lets others go on from amid what turns out to take long, where nothing of it can be wrapped.
pub fn step_aside() {
    // The runtime takes back what no other thread has taken over by the end.
    aside(|| std::thread::sleep(TAKING_OVER));
}

/// Does what may take long between the moments in which it waits.
pub async fn steps_aside<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    std::future::poll_fn(|context| -> Poll<T> { aside(|| work.as_mut().poll(context)) }).await
}
