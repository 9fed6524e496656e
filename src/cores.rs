//! Work shared by all cores.

use std::num::NonZero;
use std::thread;

/// What `make` makes of every item, in their order.
pub fn on_all_cores<T: Send, R: Send>(items: Vec<T>, make: impl Fn(T) -> R + Sync) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let (size, make) = (items.len().div_ceil(cores), &make);
    let mut items = items.into_iter();
    thread::scope(|scope| {
        let mut running = Vec::with_capacity(cores);
        loop {
            let share: Vec<T> = items.by_ref().take(size).collect();
            if share.is_empty() {
                break;
            }
            running.push(scope.spawn(move || share.into_iter().map(make).collect::<Vec<R>>()));
        }
        let made = running.into_iter().map(|thread| match thread.join() {
            Ok(made) => made,
            Err(panicked) => std::panic::resume_unwind(panicked),
        });
        made.flatten().collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_stays_whatever_their_number() {
        for count in [0, 1, 2, 3, 1000] {
            let made = on_all_cores((0..count).collect(), |number| number * 2);
            assert_eq!(made, (0..count).map(|number| number * 2).collect::<Vec<_>>());
        }
    }
}
