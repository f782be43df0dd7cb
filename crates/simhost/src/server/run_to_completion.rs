//! Work that is not given up half-way.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::runtime::Handle;

/// What is to be done, in a place of its own: it is large, and moved often.
pub(crate) type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Work that goes on to its end by itself when whoever waits for it is gone. Until then it runs in its waiter's
/// place, which spares each request a task of its own.
pub(crate) struct RunToCompletion<T: Send + 'static> {
    work: Option<Work<T>>,
    is_alone: Arc<AtomicBool>,
}

impl<T: Send + 'static> RunToCompletion<T> {
    /// `is_alone` becomes true when nobody waits for the work any more.
    pub(crate) fn new(work: Work<T>, is_alone: Arc<AtomicBool>) -> Self {
        Self { work: Some(work), is_alone }
    }
}

impl<T: Send + 'static> Future for RunToCompletion<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Some(work) = &mut self.work else { return Poll::Pending };
        let polled = work.as_mut().poll(context);
        if polled.is_ready() {
            self.work = None;
        }
        polled
    }
}

impl<T: Send + 'static> Drop for RunToCompletion<T> {
    fn drop(&mut self) {
        if let (Some(work), Ok(runtime)) = (self.work.take(), Handle::try_current()) {
            self.is_alone.store(true, Ordering::Relaxed);
            runtime.spawn(work);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use tokio::sync::Notify;

    use super::RunToCompletion;

    #[tokio::test]
    async fn work_ends_although_nobody_waits() {
        let (go, done) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (its_go, its_done) = (go.clone(), done.clone());
        let is_alone = Arc::new(AtomicBool::new(false));
        let work = async move {
            its_go.notified().await;
            its_done.notify_one();
        };
        let work = RunToCompletion::new(Box::pin(work), is_alone.clone());
        assert!(tokio::time::timeout(Duration::from_millis(1), work).await.is_err(), "it waits for a go");
        assert!(is_alone.load(Ordering::Relaxed), "and is told that nobody waits for it");
        go.notify_one();
        assert!(tokio::time::timeout(Duration::from_secs(5), done.notified()).await.is_ok());
    }

    #[tokio::test]
    async fn a_result_comes_back() {
        assert_eq!(RunToCompletion::new(Box::pin(async { 7 }), Arc::default()).await, 7);
    }
}
