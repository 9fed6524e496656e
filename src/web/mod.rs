//! HTTP: actix lives here and nowhere else. Request → guard → handler → domain → store → view → response.

mod account;
mod assets;
mod body;
mod client;
mod codes;
mod demo;
mod entrance;
mod error;
mod evaluation;
mod footfall;
mod grading;
mod guard;
mod health;
mod interview;
mod mail;
mod page;
mod results;
pub mod routes;
mod scans;
mod seal;
mod server;
mod session;
mod state;
mod supervision;
mod survey;
mod throttle;
mod visits;

pub use client::Misses;
pub use footfall::Footfall;
pub use scans::Scans;
pub use server::{Running, serve};
pub use state::{Demo, MailFacts, WebState};
pub use throttle::Throttle;
