//! Packs as any program may write them: the reader, against a naive one.

use perception::pack::{Organisation, Pack};
use perception::statistics::class::EvidenceClass;
use perception::statistics::study::{SKIPPED, Scoring, Study};
use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

use crate::pack_refusals::{small, write};

/// What the naive reader knows of a row: the fields as the test made them.
#[derive(Debug, Clone)]
struct Made {
    id: String,
    outlet: usize,
    class: usize,
    level: usize,
    duration: Option<u16>,
    codes: Vec<Option<u8>>,
}

const CHANNELS: [(&str, EvidenceClass); 3] = [
    ("face", EvidenceClass::Face),
    ("email", EvidenceClass::Invited),
    ("qr", EvidenceClass::Open),
];
/// Names that need quotes.
const OUTLETS: [(&str, &str); 4] = [("A", "A1"), ("A", "a, \"b\"\nc"), ("乙", "B1"), ("乙", "门店\r\n二")];
const LEVELS: [&str; 2] = ["1", "more, or less"];

prop_compose! {
    fn made()(
        outlet in 0..OUTLETS.len(), class in 0_usize..3, level in 0..LEVELS.len(),
        duration in proptest::option::of(any::<u16>()),
        codes in proptest::collection::vec(proptest::option::of(0_u8..=5), 3),
        tail in "[a-z,\"\n é]{0,4}",
    ) -> Made {
        Made { id: tail, outlet, class, level, duration, codes }
    }
}

/// Writes the rows as some program might: columns in any order among others, quotes where needed or anywhere, either line end.
fn responses(rows: &[Made], random: &mut StdRng) -> String {
    let mut columns = [
        "resp_id",
        "org",
        "outlet",
        "channel",
        "age",
        "duration_s",
        "status",
        "q1",
        "q2",
        "q3",
        "note",
    ];
    columns.shuffle(random);
    let (line_end, bom) = (["\n", "\r\n"][random.random_range(0..2)], random.random_bool(0.5));
    let mut text = if bom { "\u{feff}".to_owned() } else { String::new() };
    let mut put = |cells: Vec<String>, last: bool| {
        let quoted = |cell: String| {
            let needed = cell.contains([',', '"', '\n', '\r']);
            let quote = needed || random.random_bool(0.2);
            if quote {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell
            }
        };
        let cells: Vec<String> = cells.into_iter().map(quoted).collect();
        text += &cells.join(",");
        text += if last { "" } else { line_end };
    };
    put(columns.map(String::from).to_vec(), false);
    for (place, row) in rows.iter().enumerate() {
        let code = |item: usize| row.codes[item].map(|code| code.to_string()).unwrap_or_default();
        let cell = |column: &str| match column {
            "resp_id" => row.id.clone(),
            "org" => OUTLETS[row.outlet].0.into(),
            "outlet" => OUTLETS[row.outlet].1.into(),
            "channel" => CHANNELS[row.class].0.into(),
            "age" => LEVELS[row.level].into(),
            "duration_s" => row.duration.map(|s| s.to_string()).unwrap_or_default(),
            "status" => ["I", "P"][place % 2].into(),
            "q1" => code(0),
            "q2" => code(1),
            "q3" => code(2),
            _ => "=1+1, \"x\"\n".into(),
        };
        // The last line end may be missing.
        put(columns.map(cell).to_vec(), place + 1 == rows.len());
    }
    text
}

/// Adds the rows one after the other, by the names the test made them of.
fn naive(rows: &[Made], scoring: &Scoring, pack: &Pack) -> Vec<Study> {
    let new = |one: &Organisation| Study::new(scoring.clone().into(), one.population.clone());
    let mut studies: Vec<Study> = pack.organisations().iter().map(new).collect();
    for row in rows {
        let (organisation, outlet) = (row.outlet / 2, row.outlet % 2);
        let codes: Vec<u8> = row.codes.iter().map(|code| code.unwrap_or(SKIPPED)).collect();
        let levels: &[usize] = if organisation == 0 { &[row.level] } else { &[] };
        studies[organisation]
            .add(outlet, CHANNELS[row.class].1, levels, &codes)
            .unwrap();
    }
    studies
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn however_a_valid_pack_is_written_it_says_the_same(mut rows in proptest::collection::vec(made(), 1..60), seed: u64) {
        for (place, row) in rows.iter_mut().enumerate() {
            row.id = format!("{place}{}", row.id);
        }
        let mut random = StdRng::seed_from_u64(seed);
        let mut files = small();
        files.remove("cases.csv");
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let outlets = OUTLETS.map(|(org, outlet)| format!("{org},{},500,\n", quoted(outlet)));
        files.insert("outlets.csv", format!("org,outlet,N_customers,M_frame\n{}", outlets.concat()));
        let levels = LEVELS.map(|level| format!("A,age,{},50\n", quoted(level)));
        files.insert("margins.csv", format!("org,var,level,N\n{}", levels.concat()));
        files.insert("responses.csv", responses(&rows, &mut random));
        let folder = write(&files);
        let pack = Pack::open(folder.path(), None).unwrap();
        let found = pack.studies(&|_| {}).unwrap();
        let expected = naive(&rows, found[0].scoring(), &pack);
        prop_assert!(found == expected);
    }
}
