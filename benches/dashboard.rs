//! Row 9: when an answer is on the dashboard, and what looking at it costs.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::Plan;
use crate::http::{self, Client};
use crate::load::{self, Until};
use crate::server::Server;
use crate::submissions::{CONNECTIONS, post_forms};
use crate::survey::{self, Survey};
use crate::table::{Table, alternate, median};

/// Ten people who each look once a second.
const POLL_EVERY: Duration = Duration::from_millis(100);

/// Row 9.
pub fn freshness(plan: &Plan) -> Table {
    let folder = survey::folder();
    let (server, about) = Server::demo(&survey::database(folder.path()));
    let (_, landing) = about["survey_url"]
        .as_str()
        .unwrap()
        .split_once(&server.address.to_string())
        .unwrap();
    let evaluation = about["evaluation_id"].as_str().unwrap();
    let mut client = Client::new(server.address);
    let path = client
        .send(&http::post(landing, &survey::landing_form()))
        .location()
        .to_owned();
    let survey = Survey::of_demo(folder, evaluation.parse().unwrap(), &path);
    let poll = http::get(&format!("/api/evaluations/{evaluation}/results"));
    let shown = |client: &mut Client| {
        let results: serde_json::Value = serde_json::from_str(&client.send(&poll).text()).expect("results");
        results["counted"]["all"]["value"].as_u64().expect("a published count")
    };
    let before = shown(&mut client);
    let acknowledged = AtomicU64::new(before);
    let load = || {
        let visitor = |place| {
            let mut post = post_forms(&survey, place);
            let acknowledged = &acknowledged;
            move |client: &mut Client| {
                let step = post(client);
                acknowledged.fetch_add(1, Ordering::SeqCst);
                step
            }
        };
        load::run(server.address, CONNECTIONS, Until::Time(plan.time), visitor).rate()
    };
    let polls = AtomicU64::new(0);
    let watched = || {
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            let watcher = scope.spawn(|| {
                let (mut client, mut slowest) = (Client::new(server.address), Duration::ZERO);
                while !over.load(Ordering::SeqCst) {
                    let (known, asked) = (acknowledged.load(Ordering::SeqCst), Instant::now());
                    let counted = shown(&mut client);
                    assert!(
                        counted >= known,
                        "{known} answers were acknowledged, the dashboard then showed {counted}"
                    );
                    slowest = slowest.max(asked.elapsed());
                    polls.fetch_add(1, Ordering::SeqCst);
                    thread::sleep(POLL_EVERY);
                }
                slowest
            });
            let rate = load();
            over.store(true, Ordering::SeqCst);
            (
                rate,
                watcher.join().expect("the watcher stopped").as_secs_f64() * 1000.0,
            )
        })
    };
    let pairs = alternate(plan.rounds, watched, || (load(), 0.0));
    let (shown, known) = (shown(&mut client), acknowledged.load(Ordering::SeqCst));
    assert_eq!(
        shown, known,
        "answers on the last dashboard and answers acknowledged differ"
    );
    let mut table = Table::new("An acknowledged answer is on the next dashboard");
    let polls = polls.into_inner();
    table.judged(
        "stale dashboards",
        format!("0 of {polls}"),
        ["always", ""],
        "results.json asked for under load, counted ≥ acknowledged before asking",
    );
    let loss = median(pairs.iter().map(|(watched, alone)| 100.0 * (1.0 - watched.0 / alone.0)));
    table.judged(
        "loss of submissions/s",
        format!("{loss:.1} %"),
        ["", "≤ 10 %"],
        "with and without ten dashboards a second",
    );
    table.also(
        "submissions per s",
        format!("{:.0}", median(pairs.iter().map(|(_, alone)| alone.0))),
        "without dashboards, 32 connections",
    );
    table.also(
        "slowest dashboard, ms",
        format!("{:.0}", median(pairs.iter().map(|(watched, _)| watched.1))),
        "of a round, under load",
    );
    table
}
