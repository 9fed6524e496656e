//! The running server: bound first, so that its address is known before anything else.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, middleware, web};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::state::WebState;
use super::{guard, routes};

/// One worker keeps at most so many connections open.
const CONNECTIONS_PER_WORKER_MAX: usize = 4096;
/// Threads per worker that wait for the database; the pool behind them is smaller still.
const BLOCKING_PER_WORKER_MAX: usize = 16;

/// A server that is running; lets another thread stop it.
#[derive(Clone)]
pub struct Running(ServerHandle);

impl Running {
    /// Finishes what is in hand (at most ten seconds) and ends the server.
    pub fn stop(&self) {
        // The command is sent when the call returns; waiting for it is the server thread's business.
        drop(self.0.stop(true));
    }
}

/// What is in hand beside the pages may take so long to finish.
const BESIDE_TIMEOUT: Duration = Duration::from_secs(10);

/// Serves until told to stop by a signal or by `Running`; `beside` works meanwhile until its token is cancelled. Then lets
/// the store finish.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve<F: Future<Output = ()> + 'static>(
    listener: TcpListener,
    state: WebState,
    workers: usize,
    beside: impl FnOnce(CancellationToken) -> F,
    on_ready: impl FnOnce(Running),
) -> io::Result<()> {
    let (store, footfall) = (state.store.clone(), Arc::clone(&state.footfall));
    let data = web::Data::new(state);
    actix_web::rt::System::new().block_on(async move {
        let mut server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .wrap(middleware::from_fn(guard::around))
                .configure(routes::table)
        })
        .keep_alive(Duration::from_secs(5))
        .client_request_timeout(Duration::from_secs(5))
        .client_disconnect_timeout(Duration::from_secs(2))
        .max_connections(CONNECTIONS_PER_WORKER_MAX)
        .worker_max_blocking_threads(BLOCKING_PER_WORKER_MAX)
        .shutdown_timeout(10)
        .disable_signals();
        if workers > 0 {
            server = server.workers(workers);
        }
        // Listened for before anybody is told that the server is ready: who reads that may end it at once.
        let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let server = server.listen(listener)?.run();
        let handle = server.handle();
        let stop = handle.clone();
        actix_web::rt::spawn(async move {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            stop.stop(true).await;
        });
        let stop = CancellationToken::new();
        let beside = actix_web::rt::spawn(beside(stop.clone()));
        on_ready(Running(handle));
        let ended = server.await;
        stop.cancel();
        if tokio::time::timeout(BESIDE_TIMEOUT, beside).await.is_err() {
            tracing::warn!("work beside the pages was cut off");
        }
        footfall.write_all(&store).await;
        store.close().await;
        ended
    })
}
