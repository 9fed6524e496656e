//! Rows 7 and 8: the dashboard of 1 000 outlets, beside a SQL scan of the same file and beside a small database.

use std::fs;
use std::path::Path;
use std::time::Instant;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel::{RunQueryDsl, SqliteConnection, sql_query};
use perception::app::Installation;
use perception::statistics::class::Column;
use perception::store::{StoreError, report, response};
use perception::survey::content;
use perception::survey::report::Report;

use crate::Plan;
use crate::survey::Survey;
use crate::table::{Table, alternate, median};

const OUTLETS: i32 = 1_000;
/// Answers in the large database unless asked otherwise.
const LARGE: u64 = 1_000_000;
/// Answers in the small one.
const SMALL: u64 = 100_000;

/// What a dashboard without tallies would ask for. The table holds only what the query needs, and points already added up.
const SCAN: &str = "SELECT outlet AS outlet, class AS class, COUNT(*) AS n, SUM(a) AS a, SUM(b) AS b, SUM(a * a) AS aa, \
     SUM(a * b) AS ab, SUM(b * b) AS bb FROM bench_points GROUP BY outlet, class";

#[derive(QueryableByName)]
struct Group {
    #[diesel(sql_type = Text)]
    class: String,
    #[diesel(sql_type = BigInt)]
    a: i64,
    #[diesel(sql_type = BigInt)]
    b: i64,
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// A filled database.
struct Filled {
    survey: Survey,
    installation: Installation,
}

impl Filled {
    /// Rows straight into the tables, without the guards that would make it take hours; then tallies by `rebuild`.
    fn new(answers: u64) -> Self {
        let survey = Survey::with_outlets(OUTLETS);
        insert(&survey, answers);
        let installation = survey.installation();
        let (id, instrument) = (survey.evaluation, survey.instrument.clone());
        let rebuilt = installation
            .store
            .write_blocking(move |tx| response::rebuild_tallies(tx, id, &instrument));
        assert!(rebuilt.unwrap(), "nothing was counted");
        Self { survey, installation }
    }

    fn report(&self) -> Report {
        let (catalogue, id) = (self.installation.store.catalogue().clone(), self.survey.evaluation);
        let found: Result<_, StoreError> = self
            .installation
            .store
            .read_blocking(|conn| report::compute(conn, &catalogue, id));
        found.unwrap().unwrap()
    }

    /// Milliseconds of everything behind the page: tallies read, figures, withheld cells.
    fn dashboard_ms(&self) -> f64 {
        let started = Instant::now();
        let found = self.report();
        let ms = started.elapsed().as_secs_f64() * 1000.0;
        assert!(found.result.exact(Column::All).is_ok());
        ms
    }

    fn scan_ms(&self) -> (f64, [f64; 2]) {
        let mut conn = connect(&self.survey.database());
        let started = Instant::now();
        let groups: Vec<Group> = sql_query(SCAN).load(&mut conn).unwrap();
        let ratio = |face: bool| {
            let own = || groups.iter().filter(|group| !face || group.class == "face");
            own().map(|group| group.a).sum::<i64>() as f64 / own().map(|group| group.b).sum::<i64>() as f64
        };
        let scores = [ratio(false), ratio(true)];
        (started.elapsed().as_secs_f64() * 1000.0, scores)
    }
}

fn connect(path: &Path) -> SqliteConnection {
    let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    // The installation that set the survey up may still be closing its file.
    conn.batch_execute("PRAGMA busy_timeout = 60000").unwrap();
    conn
}

fn insert(survey: &Survey, answers: u64) {
    let mut conn = connect(&survey.database());
    conn.batch_execute("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536")
        .unwrap();
    let triggers: Vec<Name> = sql_query(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND (tbl_name LIKE 'response%' OR tbl_name = 'outlet')",
    )
    .load(&mut conn)
    .unwrap();
    for trigger in triggers {
        conn.batch_execute(&format!("DROP TRIGGER {}", trigger.name)).unwrap();
    }
    conn.batch_execute(
        "UPDATE outlet SET customers = 1000000;
         CREATE TABLE bench_form (number INTEGER PRIMARY KEY, answers TEXT, a INTEGER, b INTEGER);
         CREATE TABLE bench_points (outlet INTEGER, class TEXT, a INTEGER, b INTEGER)",
    )
    .unwrap();
    let forms = survey.parsed();
    for (number, form) in forms.iter().enumerate() {
        let line = content::encode(survey.instrument.questionnaire(), form);
        let points = survey.instrument.scheme().score(form.replies()).unwrap().total();
        let row = format!(
            "INSERT INTO bench_form VALUES ({number}, '{line}', {}, {})",
            points.obtained, points.available
        );
        conn.batch_execute(&row).unwrap();
    }
    let (id, notice, count) = (survey.evaluation, survey.notice_version(), forms.len());
    // Numbers as ids keep every insertion at the end of its table; outlets and classes follow from the number, too.
    let numbers = format!(
        "WITH RECURSIVE number(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM number WHERE k < {})",
        answers - 1
    );
    let class = "CASE WHEN k % 10 < 3 THEN 'face' WHEN k % 10 < 7 THEN 'invited' ELSE 'open' END";
    let who = "CASE WHEN k % 10 < 3 THEN printf('%032x', k) END";
    let form = format!("(k / 7) % {count}");
    let statements = [
        format!(
            "INSERT INTO response (evaluation_id, id, outlet_id, evidence_class, interview_id, evaluator_id, status, \
             language, notice_version, received_hour_ms, commitment) SELECT '{id}', printf('%032x', k), outlet.id, {class}, {who}, {who}, 'I', 'zh-CN', \
             '{notice}', 0, printf('%064x', k) FROM (SELECT * FROM ({numbers} SELECT k FROM number)) \
             JOIN outlet ON outlet.evaluation_id = '{id}' AND outlet.place = (k / 10) % {OUTLETS}"
        ),
        format!(
            "INSERT INTO response_content (evaluation_id, response_id, answers, duration_s, salt, comment_salt) SELECT '{id}', printf('%032x', k), answers, 60, printf('%032x', k), \
             printf('%032x', k) FROM ({numbers} SELECT k FROM number) JOIN bench_form ON number = {form}"
        ),
        format!(
            "INSERT INTO bench_points SELECT (k / 10) % {OUTLETS}, {class}, a, b FROM ({numbers} SELECT k FROM number) \
             JOIN bench_form ON number = {form}"
        ),
    ];
    for statement in statements {
        conn.batch_execute(&format!("BEGIN; {statement}; COMMIT")).unwrap();
    }
}

/// Rows 7 and 8.
pub fn dashboard(plan: &Plan) -> Table {
    let answers = plan.rows.unwrap_or(LARGE);
    let started = Instant::now();
    let (large, small) = (Filled::new(answers), Filled::new(SMALL));
    let filling_s = started.elapsed().as_secs_f64();
    let bytes = fs::metadata(large.survey.database()).unwrap().len();
    let found = large.report();
    let (_, scanned) = large.scan_ms();
    for (column, scanned) in [Column::All, Column::Face].into_iter().zip(scanned) {
        let own = found.result.exact(column).unwrap().rate.est;
        assert!((own - scanned).abs() < 1e-9, "{column:?}: {own}, by SQL {scanned}");
    }
    let scans = alternate(plan.rounds, || large.dashboard_ms(), || large.scan_ms().0);
    let sizes = alternate(plan.rounds * 3, || large.dashboard_ms(), || small.dashboard_ms());
    let mut table = Table::new("Dashboard of 1 000 outlets, from tallies");
    table.judged(
        "scan ÷ dashboard",
        format!("× {:.0}", median(scans.iter().map(|(own, scan)| scan / own))),
        ["× 200", "× 1 500"],
        &format!(
            "{answers} answers, {} MB (goals are for 10 000 000: --rows); the same S and S_face to 1e-9",
            bytes / 1_000_000
        ),
    );
    table.judged(
        "large ÷ small",
        format!("{:.2}", median(sizes.iter().map(|(large, small)| large / small))),
        ["3", "1.2"],
        &format!("{answers} and {SMALL} answers, alternating (row 8)"),
    );
    table.also(
        "dashboard, ms",
        format!("{:.1}", median(sizes.iter().map(|(large, _)| *large))),
        "tallies read, every figure, withheld cells",
    );
    table.also(
        "scan, ms",
        format!("{:.0}", median(scans.iter().map(|(_, scan)| *scan))),
        "GROUP BY over a table of points alone",
    );
    table.also("filling, s", format!("{filling_s:.0}"), "both databases");
    table
}
