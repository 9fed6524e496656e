//! Rows 5 and 6: how large the survey's pages are, and how fast they come.

use scraper::{Html, Selector};

use crate::Plan;
use crate::http::{self, Client};
use crate::load::{self, Step, Until};
use crate::server::Server;
use crate::submissions::{CONNECTIONS, measured};
use crate::survey::{self, Survey};
use crate::table::{Table, alternate, median};

/// The path of a rating page, as landing leads to it.
fn rating(client: &mut Client, landing: &str) -> String {
    client
        .send(&http::post(landing, &survey::landing_form()))
        .location()
        .to_owned()
}

/// Things that a page makes the browser ask for; what is inlined as data is not.
fn further_requests(html: &Html) -> usize {
    let loads = Selector::parse("[src], link[href]").unwrap();
    let address = |element: scraper::ElementRef<'_>| element.attr("src").or(element.attr("href")).map(str::to_owned);
    html.select(&loads)
        .filter_map(address)
        .filter(|address| !address.starts_with("data:"))
        .count()
}

/// Row 5.
pub fn sizes(_: &Plan) -> Table {
    let survey = Survey::new();
    let server = Server::serve(&survey.database(), &[]);
    let mut client = Client::new(server.address);
    let landing = survey.landing(0);
    let mut table = Table::new("Survey pages, cold, everything on the wire");
    for (language, tag) in [("Chinese", "zh-CN"), ("English", "en")] {
        let landing = format!("{landing}?lang={tag}");
        let form = rating(&mut client, &landing);
        for (name, path) in [("landing", &landing), ("rating, 13 items", &form)] {
            let answer = client.send(&http::get(path));
            let (wire, head, text) = (answer.wire_bytes(), answer.head.len(), answer.text());
            let html = Html::parse_document(&text);
            let scripts = html.select(&Selector::parse("script").unwrap()).count();
            let (requests, plain) = (1 + further_requests(&html), text.len());
            table.judged(
                &format!("{name}, {language}, B"),
                wire.to_string(),
                ["13 000", "5 000"],
                &format!("{head} B of headers; {plain} B of HTML"),
            );
            table.judged(
                "  requests, scripts",
                format!("{requests}, {scripts}"),
                ["1, 0", ""],
                "counted in the HTML",
            );
        }
    }
    table.also(
        "LimeSurvey, B",
        "391 000".into(),
        "23 requests; measured earlier, elsewhere",
    );
    table
}

/// Row 6.
pub fn throughput(plan: &Plan) -> Table {
    let survey = Survey::new();
    let server = Server::serve(&survey.database(), &[]);
    let mut client = Client::new(server.address);
    let landing = survey.landing(0);
    let form = rating(&mut client, &landing);
    let mut table = Table::new("Survey page ÷ a bare actix page of the same size, 32 connections");
    for (name, path, goals) in [
        ("landing", landing, ["0.5", "0.8"]),
        ("rating, 13 items", form, ["", ""]),
    ] {
        let bytes = client.send(&http::get(&path)).body.len();
        let bare = Server::stand_in(&["--role", "page", "--bytes", &bytes.to_string()]);
        let look = http::get(&path);
        let load = |server: &Server| {
            let looking = |_| {
                |client: &mut Client| {
                    assert_eq!(client.send(&look).status, 200);
                    Step::Done
                }
            };
            let looks = || load::run(server.address, CONNECTIONS, Until::Time(plan.time), looking);
            let (outcome, cpu_ms) = measured(server, looks);
            (outcome.rate(), cpu_ms)
        };
        let pairs = alternate(plan.rounds, || load(&server), || load(&bare));
        let ratio = median(pairs.iter().map(|(page, bare)| page.0 / bare.0));
        let [page_rate, bare_rate] = [
            median(pairs.iter().map(|(page, _)| page.0)),
            median(pairs.iter().map(|(_, bare)| bare.0)),
        ];
        table.judged(
            &format!("{name}, ratio"),
            format!("{ratio:.2}"),
            goals,
            &format!("{page_rate:.0} and {bare_rate:.0} per s; client on the same cores"),
        );
        let [page_ms, bare_ms] = [
            median(pairs.iter().map(|(page, _)| page.1)),
            median(pairs.iter().map(|(_, bare)| bare.1)),
        ];
        table.also(
            "  CPU ms",
            format!("{page_ms:.3}"),
            &format!("bare page {bare_ms:.3}; server only"),
        );
    }
    table
}
