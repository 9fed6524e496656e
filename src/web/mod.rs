//! HTTP: actix lives here and nowhere else. Request → guard → handler → domain → store → view → response.

mod assets;
mod body;
mod client;
mod demo;
mod error;
mod guard;
mod health;
mod page;
mod results;
mod routes;
mod server;
mod state;
mod survey;
mod visits;

pub use client::Misses;
pub use server::{Running, serve};
pub use state::{Demo, WebState};
