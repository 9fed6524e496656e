//! What a form reader takes and refuses.

use super::form::*;

fn form(pairs: &[(&str, &str)]) -> RawForm {
    RawForm::new(pairs.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect())
}

#[test]
fn every_field_that_must_be_corrected_is_named_at_once() {
    let form = form(&[
        ("n", "12a"),
        ("day", "2026-02-30"),
        ("far", "７００"),
        ("kind", "x"),
        ("long", "abcd"),
    ]);
    let mut reader = FormReader::new(&form);
    reader.required_line("name", 10);
    reader.number("n", 0..=9);
    reader.number("far", 0..=9);
    reader.day("day");
    reader.choice("kind", |value| (value == "y").then_some(()));
    reader.line("long", 3);
    let named: Vec<(String, Problem)> = reader
        .done(Some(()))
        .unwrap_err()
        .into_iter()
        .map(|e| (e.field, e.problem))
        .collect();
    let wanted = [
        ("name", Problem::Empty),
        ("n", Problem::NotANumber),
        ("far", Problem::OutOfRange),
        ("day", Problem::NotADate),
        ("kind", Problem::NotAChoice),
        ("long", Problem::TooLong),
    ];
    assert_eq!(named, wanted.map(|(field, problem)| (field.to_owned(), problem)));
}

#[test]
fn numbers_are_read_as_people_type_them() {
    for (typed, read) in [
        ("1.5", Some(150)),
        ("１５", Some(1_500)),
        ("0.05", Some(5)),
        ("2.", Some(200)),
    ] {
        assert_eq!(hundredths(typed), read);
    }
    for wrong in ["", ".5", "1.234", "-1", "1,5", "12345678", "1e3", "1.2.3"] {
        assert_eq!(hundredths(wrong), None, "{wrong}");
    }
    let form = form(&[("a", " １２，345 "), ("b", ""), ("c", "0")]);
    let mut reader = FormReader::new(&form);
    assert_eq!(
        (
            reader.number("a", 0..=99_999),
            reader.number("b", 0..=9),
            reader.number("c", 0..=9)
        ),
        (Some(12_345), None, Some(0))
    );
    assert!(reader.done(Some(())).is_ok());
}
