//! Work that is not given up half-way.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::Handle;

/// Work that goes on to its end by itself when whoever waits for it is gone. Until then it runs in its waiter's
/// place, which spares each request a task of its own.
pub(crate) struct RunToCompletion<T: Send + 'static>(Option<Pin<Box<dyn Future<Output = T> + Send>>>);

impl<T: Send + 'static> RunToCompletion<T> {
    pub(crate) fn new(work: impl Future<Output = T> + Send + 'static) -> Self {
        Self(Some(Box::pin(work)))
    }
}

impl<T: Send + 'static> Future for RunToCompletion<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Some(work) = &mut self.0 else { return Poll::Pending };
        let polled = work.as_mut().poll(context);
        if polled.is_ready() {
            self.0 = None;
        }
        polled
    }
}

impl<T: Send + 'static> Drop for RunToCompletion<T> {
    fn drop(&mut self) {
        if let (Some(work), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(work);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::sync::Notify;

    use super::RunToCompletion;

    #[tokio::test]
    async fn work_ends_although_nobody_waits() {
        let (go, done) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (its_go, its_done) = (go.clone(), done.clone());
        let work = RunToCompletion::new(async move {
            its_go.notified().await;
            its_done.notify_one();
        });
        assert!(tokio::time::timeout(Duration::from_millis(1), work).await.is_err(), "it waits for a go");
        go.notify_one();
        assert!(tokio::time::timeout(Duration::from_secs(5), done.notified()).await.is_ok());
    }

    #[tokio::test]
    async fn a_result_comes_back() {
        assert_eq!(RunToCompletion::new(async { 7 }).await, 7);
    }
}
