//! Row 14: four times more than the server can do. What is acknowledged comes soon, the rest is asked to come back with
//! nothing lost, and the database holds exactly what was acknowledged.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use perception::store::{StoreError, response, tally};
use perception::survey::id::ResponseId;
use scraper::{Html, Selector};

use crate::Plan;
use crate::http::Client;
use crate::load::{self, Outcome, Step, Until};
use crate::server::Server;
use crate::submissions::measured;
use crate::survey::Survey;
use crate::table::{Table, median};

/// More connections than this bring no more submissions per second.
const SATURATING: usize = 64;
/// Four times that; and more than the writer's queue holds, since a connection waits for its answer.
const OVERLOADS: [usize; 2] = [4 * SATURATING, 16 * SATURATING];
/// Pages for the busy that are read in full; reading them all would be a load of its own.
const PAGES_READ: usize = 40;

/// What was acknowledged and what was sent away, over all rounds.
#[derive(Default)]
struct Ledger {
    stored: Mutex<Vec<ResponseId>>,
    refused: Mutex<Vec<ResponseId>>,
    pages_read: AtomicUsize,
}

/// Sends new forms; one that is refused is given up, so that the next is as unprepared.
fn impatient<'a>(survey: &'a Survey, ledger: &'a Ledger, place: usize) -> impl FnMut(&mut Client) -> Step + Send + 'a {
    let (forms, mut number) = (survey.forms(), place);
    move |client| {
        number += 1;
        let ticket = survey.ticket(place);
        let answer = client.send(&survey.post(&ticket, &forms[number % forms.len()]));
        match answer.status {
            303 => {
                ledger
                    .stored
                    .lock()
                    .unwrap()
                    .push(ticket.receipt(survey.key.bytes()).response_id());
                Step::Done
            }
            503 => {
                assert!(
                    answer
                        .header("retry-after")
                        .is_some_and(|value| value.parse::<u32>().is_ok()),
                    "{}",
                    answer.head
                );
                if ledger.pages_read.fetch_add(1, Ordering::Relaxed) < PAGES_READ {
                    check_kept(&answer.text(), &survey.path(&ticket), survey.pairs(number));
                }
                ledger
                    .refused
                    .lock()
                    .unwrap()
                    .push(ticket.receipt(survey.key.bytes()).response_id());
                Step::Busy
            }
            _ => panic!("{}", answer.head),
        }
    }
}

/// The page sends the same form again, with everything that was filled in.
fn check_kept(text: &str, path: &str, pairs: &[(String, String)]) {
    let html = Html::parse_document(text);
    let one = |selector: &str| html.select(&Selector::parse(selector).unwrap()).next();
    assert_eq!(
        one("form[method=post]").and_then(|form| form.attr("action")),
        Some(path)
    );
    for (name, value) in pairs {
        let chosen = one(&format!(
            "input[name=\"{name}\"][value=\"{value}\"][checked], select[name=\"{name}\"] option[value=\"{value}\"][selected]"
        ));
        let typed = one(&format!("textarea[name=\"{name}\"]")).map(|area| area.text().collect::<String>());
        assert!(
            chosen.is_some() || typed.is_some_and(|typed| typed.trim() == value),
            "{name}={value} is gone"
        );
    }
}

/// Every acknowledged form is stored once, none that was refused, and the tallies are those of the rows.
fn check_exactly_once(survey: &Survey, ledger: &Ledger) {
    let (id, installation) = (survey.evaluation, survey.installation());
    let (stored, refused) = (ledger.stored.lock().unwrap(), ledger.refused.lock().unwrap());
    let checked = installation.store.read_blocking(|conn| -> Result<(), StoreError> {
        for key in stored.iter() {
            assert!(response::is_stored(conn, id, *key)?, "an acknowledged answer is lost");
        }
        for key in refused.iter() {
            assert!(!response::is_stored(conn, id, *key)?, "a refused answer is stored");
        }
        let rows = response::recount(conn, id, &survey.instrument)?;
        assert!(
            rows == tally::list(conn, id, &survey.instrument)?,
            "the tallies are not those of the rows"
        );
        Ok(())
    });
    checked.unwrap();
    assert_eq!(
        survey.stored(),
        stored.len() as u64,
        "answers stored and answers acknowledged differ"
    );
}

/// Row 14.
pub fn four_times(plan: &Plan) -> Table {
    let (survey, ledger) = (Survey::new(), Ledger::default());
    let server = Server::serve(&survey.database(), &[]);
    let load = |connections| {
        let visits = || {
            load::run(server.address, connections, Until::Time(plan.time), |place| {
                impatient(&survey, &ledger, place)
            })
        };
        measured(&server, visits).0
    };
    let mut rounds: Vec<[Outcome; 3]> = Vec::new();
    for _ in 0..=plan.rounds {
        rounds.push([load(SATURATING), load(OVERLOADS[0]), load(OVERLOADS[1])]);
    }
    check_exactly_once(&survey, &ledger);
    let of =
        |place: usize, figure: &dyn Fn(&Outcome) -> f64| median(rounds[1..].iter().map(|round| figure(&round[place])));
    let mut table = Table::new("Overload: default queue, no pause between forms");
    table.also(
        "saturated, per s",
        format!("{:.0}", of(0, &Outcome::rate)),
        &format!(
            "{SATURATING} connections, p99 {:.0} ms",
            of(0, &|o| o.quantile_ms(0.99))
        ),
    );
    for (place, connections, goals) in [(1, OVERLOADS[0], ["1000", "250"]), (2, OVERLOADS[1], ["1000", "250"])] {
        let at = format!("{connections} connections");
        table.judged(
            "p99 ms, acknowledged",
            format!("{:.0}", of(place, &|o| o.quantile_ms(0.99))),
            goals,
            &at,
        );
        let good = median(rounds[1..].iter().map(|round| round[place].rate() / round[0].rate()));
        table.also("  per s ÷ saturated", format!("{good:.2}"), &at);
        let share = of(place, &|o| 100.0 * o.busy() as f64 / (o.busy() + o.done()) as f64);
        let busy_ms = of(place, &|o| o.busy_quantile_ms(0.99));
        let busy = if share > 0.0 {
            format!("503 with Retry-After, p99 {busy_ms:.0} ms")
        } else {
            "nobody was sent away".into()
        };
        table.also("  sent away", format!("{share:.1} %"), &busy);
    }
    let (stored, refused) = (
        ledger.stored.lock().unwrap().len(),
        ledger.refused.lock().unwrap().len(),
    );
    let read = ledger.pages_read.load(Ordering::Relaxed).min(PAGES_READ);
    table.judged(
        "lost or doubled",
        "0".into(),
        ["0", "0"],
        &format!("{stored} acknowledged, {refused} sent away, each looked up; rows recounted"),
    );
    table.judged(
        "input kept",
        format!("{read} of {read}"),
        ["all", ""],
        "pages for the busy that were read",
    );
    table
}
