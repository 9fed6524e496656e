//! Two computations at once, where there is enough to do.

/// Outlets from which two threads are faster than one.
pub(super) const MANY_OUTLETS: usize = 64;

/// Both values; on two threads where that pays.
pub(super) fn side_by_side<A: Send, B>(
    pays: bool,
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B,
) -> (A, B) {
    if !pays {
        return (one(), other());
    }
    std::thread::scope(|scope| {
        let running = scope.spawn(one);
        let other = other();
        match running.join() {
            Ok(one) => (one, other),
            Err(panicked) => std::panic::resume_unwind(panicked),
        }
    })
}
