//! Load: so many connections, each sending its next request as soon as the last is answered.

use std::net::SocketAddr;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::http::Client;

/// Threads do nothing but send and wait.
const STACK_BYTES: usize = 256 * 1024;

/// How a visit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The server did what was asked.
    Done,
    /// The server asked to come back later.
    Busy,
}

/// When to stop.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    /// After a time.
    Time(Duration),
    /// After so many visits.
    Visits(u64),
}

/// What happened.
pub struct Outcome {
    /// From the first request to the last answer, seconds.
    pub seconds: f64,
    /// How long each visit took that was done, µs, sorted.
    done_us: Vec<u32>,
    /// The same of those that were sent away.
    busy_us: Vec<u32>,
}

impl Outcome {
    /// Visits that were done.
    pub fn done(&self) -> u64 {
        self.done_us.len() as u64
    }
    /// Visits that were sent away.
    pub fn busy(&self) -> u64 {
        self.busy_us.len() as u64
    }
    /// Visits done per second.
    pub fn rate(&self) -> f64 {
        self.done() as f64 / self.seconds
    }
    /// The time, in ms, within which this share of the done visits was done.
    pub fn quantile_ms(&self, share: f64) -> f64 {
        quantile_ms(&self.done_us, share)
    }
    /// The same of those sent away.
    pub fn busy_quantile_ms(&self, share: f64) -> f64 {
        quantile_ms(&self.busy_us, share)
    }
}

fn quantile_ms(sorted: &[u32], share: f64) -> f64 {
    let place = (sorted.len() as f64 * share).ceil() as usize;
    sorted
        .get(place.saturating_sub(1))
        .map_or(f64::NAN, |us| f64::from(*us) / 1000.0)
}

/// Runs visitors, one per connection; `visitor(place)` makes what a connection does again and again.
pub fn run<V>(address: SocketAddr, connections: usize, until: Until, visitor: impl Fn(usize) -> V + Sync) -> Outcome
where
    V: FnMut(&mut Client) -> Step + Send,
{
    let begin = Barrier::new(connections + 1);
    let visits = AtomicU64::new(0);
    let goes_on = |started: Instant| match until {
        Until::Time(time) => started.elapsed() < time,
        Until::Visits(max) => visits.fetch_add(1, Ordering::Relaxed) < max,
    };
    let one = |place: usize| {
        let (mut client, mut visit) = (Client::new(address), visitor(place));
        let (mut done, mut busy) = (Vec::new(), Vec::new());
        begin.wait();
        let started = Instant::now();
        while goes_on(started) {
            let sent = Instant::now();
            let step = visit(&mut client);
            let us = u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX);
            match step {
                Step::Done => done.push(us),
                Step::Busy => busy.push(us),
            }
        }
        (done, busy)
    };
    thread::scope(|scope| {
        let one = &one;
        let start = |place| {
            thread::Builder::new()
                .stack_size(STACK_BYTES)
                .spawn_scoped(scope, move || one(place))
                .unwrap()
        };
        let running: Vec<_> = (0..connections).map(start).collect();
        begin.wait();
        let started = Instant::now();
        let (mut done_us, mut busy_us) = (Vec::new(), Vec::new());
        for visitor in running {
            let (done, busy) = visitor.join().expect("a visitor stopped");
            done_us.extend(done);
            busy_us.extend(busy);
        }
        let seconds = started.elapsed().as_secs_f64();
        done_us.sort_unstable();
        busy_us.sort_unstable();
        Outcome {
            seconds,
            done_us,
            busy_us,
        }
    })
}
