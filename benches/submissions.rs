//! Rows 1–4: what an answer costs, what storing it costs, how long it takes.

use crate::Plan;
use crate::http::{self, Client};
use crate::load::{self, Outcome, Step, Until};
use crate::server::Server;
use crate::survey::{self, Survey};
use crate::table::{Table, alternate, median};

/// Connections of every load that is not about overload.
pub const CONNECTIONS: usize = 32;
/// What a LimeSurvey needed for the same work on two cores, fastest and slowest run (docs/performance.md).
const LIMESURVEY_P99_MS: [f64; 2] = [1500.0, 2300.0];
const LIMESURVEY_CPU_MS: f64 = 86.0;

/// Sends new forms, each once; every one must be stored.
pub fn post_forms(survey: &Survey, place: usize) -> impl FnMut(&mut Client) -> Step + Send {
    let (forms, mut number) = (survey.forms(), place);
    move |client| {
        number += 1;
        let request = survey.post(&survey.ticket(place), &forms[number % forms.len()]);
        let answer = client.send(&request);
        assert_eq!(answer.status, 303, "{}", answer.head);
        Step::Done
    }
}

fn post_load(plan: &Plan, server: &Server, survey: &Survey) -> (Outcome, f64) {
    measured(server, || {
        load::run(server.address, CONNECTIONS, Until::Time(plan.time), |place| {
            post_forms(survey, place)
        })
    })
}

/// A load and the server's processor time per visit, ms.
pub fn measured(server: &Server, load: impl FnOnce() -> Outcome) -> (Outcome, f64) {
    let before = server.cpu_ms();
    let outcome = load();
    let cpu_ms = (server.cpu_ms() - before) / outcome.done() as f64;
    (outcome, cpu_ms)
}

/// Every acknowledged answer is stored, and nothing else.
fn check_stored(survey: &Survey, acknowledged: u64) {
    assert_eq!(
        survey.stored(),
        acknowledged,
        "answers stored and answers acknowledged differ"
    );
}

/// The steps of a customer.
const STEPS: [&str; 5] = [
    "landing GET",
    "landing POST",
    "rating GET",
    "rating POST",
    "receipt GET",
];

/// Goes the whole way, or only one step again and again.
fn customer(survey: &Survey, place: usize, only: Option<usize>) -> impl FnMut(&mut Client) -> Step + Send {
    let (forms, mut number) = (survey.forms(), place);
    let landing = survey.landing(place);
    let (look, begin) = (http::get(&landing), http::post(&landing, &survey::landing_form()));
    let mut path = survey.path(&survey.ticket(place));
    let mut stored = false;
    move |client| {
        number += 1;
        let form = &forms[number % forms.len()];
        // A receipt needs a stored form; one is enough for all looks at it.
        if only == Some(4) && !stored {
            stored = true;
            assert_eq!(client.send(&http::post(&path, form)).status, 303);
        }
        for step in (0..STEPS.len()).filter(|step| only.is_none_or(|only| only == *step)) {
            let answer = match step {
                0 => client.send(&look),
                1 => client.send(&begin),
                2 => client.send(&http::get(&path)),
                3 if only.is_some() => client.send(&survey.post(&survey.ticket(place), form)),
                3 => client.send(&http::post(&path, form)),
                _ => client.send(&http::get(&format!("{path}/receipt"))),
            };
            assert_eq!(
                answer.status,
                [200, 303, 200, 303, 200][step],
                "{}: {}",
                STEPS[step],
                answer.head
            );
            if step == 1 {
                answer.location().clone_into(&mut path);
            }
        }
        Step::Done
    }
}

/// Row 1.
pub fn whole_way(plan: &Plan) -> Table {
    let survey = Survey::new();
    let server = Server::serve(&survey.database(), &[]);
    let bytes = Client::new(server.address)
        .send(&http::get(&survey.landing(0)))
        .body
        .len();
    let bare = Server::stand_in(&["--role", "page", "--bytes", &bytes.to_string()]);
    let look = http::get("/");
    let looking = |_| {
        |client: &mut Client| {
            assert_eq!(client.send(&look).status, 200);
            Step::Done
        }
    };
    let load = |only| {
        let visits = || {
            load::run(server.address, CONNECTIONS, Until::Time(plan.time), |place| {
                customer(&survey, place, only)
            })
        };
        measured(&server, visits)
    };
    let mut stored = 0;
    let whole = || {
        let (outcome, cpu_ms) = load(None);
        stored += outcome.done();
        (outcome.rate(), cpu_ms)
    };
    let pages = || {
        let (outcome, cpu_ms) = measured(&bare, || {
            load::run(bare.address, CONNECTIONS, Until::Time(plan.time), looking)
        });
        (outcome.rate(), cpu_ms)
    };
    let pairs = alternate(plan.rounds, whole, pages);
    check_stored(&survey, stored);
    let cpu_ms = median(pairs.iter().map(|(whole, _)| whole.1));
    let mut table = Table::new("Processor time of an answer: landing, screening, rating page, submission, receipt");
    table.judged(
        "CPU ms, whole way",
        format!("{cpu_ms:.3}"),
        ["0.40", "0.20"],
        "server's user + system time ÷ acknowledged answers",
    );
    let ratio = median(pairs.iter().map(|(whole, page)| whole.1 / (5.0 * page.1)));
    table.also(
        "÷ five bare pages",
        format!("{ratio:.2}"),
        "a bare actix page of the landing page's size, alternating rounds",
    );
    table.also(
        "LimeSurvey ÷ this",
        format!("{:.0}", LIMESURVEY_CPU_MS / cpu_ms),
        "its 86 ms were measured earlier, elsewhere",
    );
    let rate = median(pairs.iter().map(|(whole, _)| whole.0));
    table.also("whole ways per s", format!("{rate:.0}"), "client on the same cores");
    for (step, name) in STEPS.iter().enumerate() {
        let (_, cpu_ms) = load(Some(step));
        table.also(
            &format!("CPU ms, {name}"),
            format!("{cpu_ms:.3}"),
            "this step alone, again and again",
        );
    }
    table
}

/// Row 2.
pub fn without_store(plan: &Plan) -> Table {
    let survey = Survey::new();
    let durable = Server::serve(&survey.database(), &[]);
    let place = survey.folder().display().to_string();
    let off = Server::stand_in(&["--role", "off", "--place", &place]);
    let mut stored = 0;
    let with = || {
        let (outcome, cpu_ms) = post_load(plan, &durable, &survey);
        stored += outcome.done();
        (outcome.rate(), cpu_ms)
    };
    let without = || {
        let (outcome, cpu_ms) = post_load(plan, &off, &survey);
        (outcome.rate(), cpu_ms)
    };
    let pairs = alternate(plan.rounds, with, without);
    check_stored(&survey, stored);
    let mut table = Table::new("Durable submission ÷ the same with the store switched off, 32 connections");
    let ratio = median(pairs.iter().map(|(with, without)| with.0 / without.0));
    table.judged(
        "submissions/s, ratio",
        format!("{ratio:.2}"),
        ["0.50", "0.75"],
        "signature, form, checks, 303 in both; client on the same cores",
    );
    table.also(
        "durable per s",
        format!("{:.0}", median(pairs.iter().map(|(with, _)| with.0))),
        "",
    );
    table.also(
        "switched off per s",
        format!("{:.0}", median(pairs.iter().map(|(_, without)| without.0))),
        "",
    );
    table.also(
        "CPU ms, durable",
        format!("{:.3}", median(pairs.iter().map(|(with, _)| with.1))),
        "server only",
    );
    table.also(
        "CPU ms, switched off",
        format!("{:.3}", median(pairs.iter().map(|(_, without)| without.1))),
        "server only",
    );
    table
}

/// Row 3.
pub fn one_by_one(plan: &Plan) -> Table {
    let (grouped, single) = (Survey::new(), Survey::new());
    let groups = Server::serve(&grouped.database(), &[]);
    let singles = Server::serve(&single.database(), &[("PERCEPTION_WRITE_BATCH_MAX", "1")]);
    let (mut stored_grouped, mut stored_single) = (0, 0);
    let group = || {
        let (outcome, _) = post_load(plan, &groups, &grouped);
        stored_grouped += outcome.done();
        (outcome.rate(), outcome.quantile_ms(0.99))
    };
    let one = || {
        let (outcome, _) = post_load(plan, &singles, &single);
        stored_single += outcome.done();
        (outcome.rate(), outcome.quantile_ms(0.99))
    };
    let pairs = alternate(plan.rounds, group, one);
    check_stored(&grouped, stored_grouped);
    check_stored(&single, stored_single);
    let mut table = Table::new("Group commit ÷ one commit per answer, 32 connections");
    let ratio = median(pairs.iter().map(|(group, one)| group.0 / one.0));
    table.judged(
        "submissions/s, ratio",
        format!("×{ratio:.1}"),
        ["×2", "×10 slow disk"],
        "write_batch_max 256 against 1, files on the same disk",
    );
    table.also(
        "grouped per s",
        format!("{:.0}", median(pairs.iter().map(|(group, _)| group.0))),
        "",
    );
    table.also(
        "one by one per s",
        format!("{:.0}", median(pairs.iter().map(|(_, one)| one.0))),
        "",
    );
    table.also(
        "p99 ms, grouped",
        format!("{:.1}", median(pairs.iter().map(|(group, _)| group.1))),
        "",
    );
    table.also(
        "p99 ms, one by one",
        format!("{:.1}", median(pairs.iter().map(|(_, one)| one.1))),
        "",
    );
    table
}

/// Row 4.
pub fn slowest(plan: &Plan) -> Table {
    let survey = Survey::new();
    let server = Server::serve(&survey.database(), &[]);
    let bare = Server::stand_in(&["--role", "page", "--bytes", "100"]);
    let look = http::get("/");
    let looking = |_| {
        |client: &mut Client| {
            assert_eq!(client.send(&look).status, 200);
            Step::Done
        }
    };
    let pages = || load::run(bare.address, CONNECTIONS, Until::Time(plan.time), looking);
    let mut stored = 0;
    let posts = || {
        let (outcome, _) = post_load(plan, &server, &survey);
        stored += outcome.done();
        outcome
    };
    let pairs = alternate(plan.rounds, posts, pages);
    check_stored(&survey, stored);
    let quantile = |share| median(pairs.iter().map(|(posts, _)| posts.quantile_ms(share)));
    let [p99, bare_p99] = [
        quantile(0.99),
        median(pairs.iter().map(|(_, pages)| pages.quantile_ms(0.99))),
    ];
    let mut table = Table::new("Submission p99 at 32 connections ÷ LimeSurvey's");
    let [low, high] = LIMESURVEY_P99_MS;
    let faster = "against its faster run, 1.5 s; measured earlier, elsewhere";
    table.judged("ratio", format!("1/{:.0}", low / p99), ["1/50", "1/120"], faster);
    table.also("ratio, slower run", format!("1/{:.0}", high / p99), "against 2.3 s");
    for (name, value) in [
        ("p50", quantile(0.5)),
        ("p99", p99),
        ("p99.9", quantile(0.999)),
        ("slowest", quantile(1.0)),
    ] {
        table.also(&format!("{name} ms"), format!("{value:.1}"), "");
    }
    let noise = "what the machine alone makes of a page from memory, alternating rounds";
    table.also("p99 ms, bare page", format!("{bare_p99:.1}"), noise);
    table
}
