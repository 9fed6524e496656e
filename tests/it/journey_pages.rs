//! What is on the pages: exactly what the questionnaire asks of this customer, in any encoding.

use std::collections::BTreeSet;
use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::Value;

use crate::harness::{Backend, QUESTIONNAIRE, TestApp};

#[test]
fn a_rating_page_shows_exactly_the_items_that_apply() {
    let app = TestApp::spawn(Backend::Sqlite);
    let (customer, link) = (app.customer(), app.open_link());
    let questionnaire: Value = serde_json::from_str(QUESTIONNAIRE).unwrap();
    let services: Vec<&str> = questionnaire["screening"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|question| question["options"].as_array())
        .flatten()
        .map(|option| option["id"].as_str().unwrap())
        .collect();
    assert_eq!(services.len(), 12);
    let mut sets: Vec<Vec<&str>> = services.iter().map(|service| vec![*service]).collect();
    sets.extend([
        services.clone(),
        vec!["install", "maintain"],
        vec!["delivery", "recycle", "complaint"],
    ]);
    let mut most = 0;
    for set in sets {
        let form = customer.begin(&link.path, &set).form();
        let applies = |item: &&Value| {
            let any = item["applies_if"]["any"].as_array();
            any.is_none_or(|any| any.iter().any(|service| set.contains(&service.as_str().unwrap())))
        };
        let items: Vec<&str> = questionnaire["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(applies)
            .map(|item| item["id"].as_str().unwrap())
            .collect();
        let complained = set.contains(&"complaint");
        let shown: BTreeSet<String> = form.visible().into_iter().collect();
        let fixed = [
            "G00",
            "product_category",
            "service_month",
            "customer_type",
            "low_reasons",
            "comment",
            "integrity",
        ];
        let wanted = items
            .iter()
            .copied()
            .chain(fixed)
            .chain(complained.then_some("complaint_fee"));
        assert_eq!(shown, wanted.map(str::to_owned).collect(), "{set:?}");
        let rated: Vec<String> = form
            .radio_groups()
            .into_iter()
            .filter(|name| form.values(name).contains(&"5"))
            .collect();
        assert_eq!(rated[0], "G00");
        assert_eq!(rated[1..], items, "in the order of the questionnaire");
        assert_eq!(
            form.values("G00"),
            ["5", "4", "3", "2", "1"],
            "the overall rating always applies"
        );
        for item in &items {
            assert_eq!(form.values(item), ["5", "4", "3", "2", "1", "0"]);
        }
        assert_eq!(form.values("product_category"), ["", "fridge", "washer"]);
        assert_eq!(
            form.values("service_month").len(),
            14,
            "none, this month and the twelve before it"
        );
        most = most.max(items.len());
    }
    assert_eq!(most, 24);
}

#[test]
fn gzip_and_identity_are_the_same_page() {
    let app = TestApp::spawn(Backend::Sqlite);
    let (customer, link) = (app.customer(), app.open_link());
    let rating = customer.begin(&link.path, &["consult", "home"]);
    let personal = app.personal_link().path;
    for path in [&link.path, &rating.path, &personal, &"/nowhere".to_owned()] {
        for _ in 0..2 {
            let plain = customer.get(path);
            assert_eq!(plain.header("content-encoding"), "");
            let packed = customer
                .try_send("GET", path, &[("accept-encoding", "br, gzip;q=0.8")], None)
                .unwrap();
            assert_eq!(
                (packed.status, packed.header("content-encoding")),
                (plain.status, "gzip"),
                "{path}"
            );
            assert_eq!(packed.header("vary").to_lowercase(), "accept-encoding");
            let mut text = String::new();
            GzDecoder::new(&packed.body[..]).read_to_string(&mut text).unwrap();
            // The reference of a failed request is new each time.
            if plain.status == 200 {
                assert_eq!(text, plain.source(), "{path}");
            }
        }
    }
}
